using System.Security.Cryptography;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;

namespace Ebsp.Training.Loop;

/// <summary>
/// Where a run stands, in one file that is written whole or not at all. Order and variation of images are functions of seed and epoch, so
/// no generator is in it, and a resumed run goes on bit for bit.
/// </summary>
internal sealed record Checkpoint
{
    private static ReadOnlySpan<byte> Magic => "EBSPCKP1"u8;

    /// <summary>Network, data and options that it belongs to: a SHA-256.</summary>
    public required byte[] Identity { get; init; }

    /// <summary>Whether the float epochs are still running.</summary>
    public required bool IsFloat { get; init; }

    /// <summary>Epochs done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Batches done of the next one.</summary>
    public required int Step { get; init; }

    /// <summary>Sum of the loss over the images of these batches.</summary>
    public required double Loss { get; init; }

    /// <summary>Images of these batches that were right.</summary>
    public required long Right { get; init; }

    /// <summary>Steps of the optimizer.</summary>
    public required int OptimizerSteps { get; init; }

    /// <summary>Lines of the table so far.</summary>
    public required string Table { get; init; }

    /// <summary>The float network that the float epochs left, a .pb; empty where there were none.</summary>
    public required byte[] FloatNetwork { get; init; }

    /// <summary>Everything that learns and all state of the optimizer.</summary>
    public required IReadOnlyList<(string Name, float[] Values)> Arrays { get; init; }

    /// <summary>Writes it.</summary>
    /// <exception cref="EbspException">EBSP1011: it cannot be written; the one before it is still there.</exception>
    public void Write(string path)
    {
        using MemoryStream memory = new();
        using BinaryWriter writer = new(memory, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Identity);
        writer.Write(IsFloat);
        writer.Write(Epoch);
        writer.Write(Step);
        writer.Write(Loss);
        writer.Write(Right);
        writer.Write(OptimizerSteps);
        writer.Write(Table);
        writer.Write(FloatNetwork.Length);
        writer.Write(FloatNetwork);
        writer.Write(Arrays.Count);
        foreach ((string name, float[] values) in Arrays)
        {
            writer.Write(name);
            writer.Write(values.Length);
            writer.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        }

        writer.Flush();
        writer.Write(SHA256.HashData(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        writer.Flush();
        AtomicFile.Write(path, stream => stream.Write(memory.GetBuffer(), 0, (int)memory.Length));
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="EbspException">EBSP1001: it cannot be read. EBSP5004: it is damaged, or of another run.</exception>
    public static Checkpoint Read(string path, ReadOnlySpan<byte> identity)
    {
        byte[] data = FileBytes.Read(path);
        int end = data.Length - SHA256.HashSizeInBytes;
        if (end < Magic.Length || !data.AsSpan().StartsWith(Magic)
            || !SHA256.HashData(data.AsSpan(0, end)).AsSpan().SequenceEqual(data.AsSpan(end)))
            throw DiagnosticDescriptors.BadCheckpoint.Error(path, null, "it is no checkpoint, or it is damaged");
        using BinaryReader reader = new(new MemoryStream(data, Magic.Length, end - Magic.Length), Encoding.UTF8);
        byte[] owner = reader.ReadBytes(SHA256.HashSizeInBytes);
        if (!identity.SequenceEqual(owner))
            throw DiagnosticDescriptors.BadCheckpoint.Error(path, null, "it was written by another network or with other options");
        Checkpoint checkpoint = new()
        {
            Identity = owner,
            IsFloat = reader.ReadBoolean(),
            Epoch = reader.ReadInt32(),
            Step = reader.ReadInt32(),
            Loss = reader.ReadDouble(),
            Right = reader.ReadInt64(),
            OptimizerSteps = reader.ReadInt32(),
            Table = reader.ReadString(),
            FloatNetwork = reader.ReadBytes(reader.ReadInt32()),
            Arrays = new (string, float[])[reader.ReadInt32()],
        };
        (string, float[])[] arrays = ((string, float[])[])checkpoint.Arrays;
        for (int i = 0; i < arrays.Length; i++)
        {
            string name = reader.ReadString();
            float[] values = new float[reader.ReadInt32()];
            reader.BaseStream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
            arrays[i] = (name, values);
        }

        return checkpoint;
    }
}
