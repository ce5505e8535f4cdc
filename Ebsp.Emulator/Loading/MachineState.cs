using System.Runtime.InteropServices;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator;

/// <summary>The memories of a machine that runs one program.</summary>
public sealed class MachineState
{
    private readonly (Region Region, int First, int End)[] _written;

    internal MachineState(DecodedProgram decoded)
    {
        EbspProgram program = decoded.Program;
        Buffer = new byte[decoded.BufferBytes];
        PsumMemory = new int[(decoded.PsumBytes + 3) / 4];
        Input = Allocate(program.Regions.InputBytes);
        Output = Allocate(program.Regions.OutputBytes);
        Arena = Allocate(program.Regions.ArenaBytes);
        Weights = program.Weights;
        Tables = program.Tables;
        _written = decoded.Written;
    }

    /// <summary>The memory of partial sums, int32, as far as the program reaches.</summary>
    public ReadOnlySpan<int> Psums => PsumMemory;

    internal byte[] Buffer { get; }

    internal int[] PsumMemory { get; }

    internal byte[] Input { get; }

    internal byte[] Output { get; }

    internal byte[] Arena { get; }

    internal ReadOnlyMemory<byte> Weights { get; }

    internal ReadOnlyMemory<byte> Tables { get; }

    /// <summary>The bytes of a region, of buffer and psum memory as far as the program reaches; partial sums are little-endian on a
    /// little-endian host.</summary>
    public ReadOnlySpan<byte> Bytes(Region region) => region switch
    {
        Region.Weights => Weights.Span,
        Region.Tables => Tables.Span,
        Region.Psum => MemoryMarshal.AsBytes(Psums),
        _ => Writable(region),
    };

    internal Span<byte> Writable(Region region) => region switch
    {
        Region.Input => Input,
        Region.Output => Output,
        Region.Arena => Arena,
        Region.Buffer => Buffer,
        _ => throw new ArgumentOutOfRangeException(nameof(region)),
    };

    // Everything but the input is zero when a run starts. Only bytes that the program writes can be anything else: clearing the whole
    // buffer would take as long as a small network.
    internal void Clear()
    {
        foreach ((Region region, int first, int end) in _written)
        {
            if (region == Region.Psum)
                PsumMemory.AsSpan(first / 4, (end - first) / 4).Clear();
            else
                Writable(region)[first..end].Clear();
        }
    }

    private static byte[] Allocate(long bytes) => bytes <= Array.MaxLength
        ? new byte[bytes]
        : throw new NotSupportedException($"a region of {bytes} bytes is larger than this emulator holds ({Array.MaxLength} bytes)");
}
