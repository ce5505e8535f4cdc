using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>The small sections, each with its writer beside its reader: the reader takes fields in the order in which the writer puts
/// them.</summary>
internal static class ProgramSections
{
    public static byte[] Io(ProgramIo io)
    {
        SectionWriter to = new();
        to.Int32(io.Batch);
        ProgramInput input = io.Input;
        to.Text(input.Name);
        Shape(to, input.Channels, input.Height, input.Width);
        to.Int32(input.Terms);
        to.Format(input.Format);
        to.Double(input.Scale);
        to.Byte(input.ReverseChannels ? (byte)1 : (byte)0);
        if (input.PixelTable.Length != input.Channels * 256L)
            throw new ArgumentException("the pixel table has 256 entries a channel", nameof(io));
        foreach (short entry in input.PixelTable)
            to.Int16(entry);
        Output(to, io.Output);
        Texts(to, io.Labels);
        if (!io.OtherOutputs.IsEmpty)
        {
            to.Int32(io.OtherOutputs.Length);
            foreach (ProgramOutput output in io.OtherOutputs)
                Output(to, output);
        }

        return to.ToArray();
    }

    public static ProgramIo Io(ref SectionReader from)
    {
        int batch = from.Int32();
        string name = from.Text();
        (int channels, int height, int width) = Shape(ref from);
        int terms = from.Int32();
        PatternFormat format = from.Format();
        double scale = from.Double();
        bool reverse = from.Byte() != 0;
        from.Require(channels, 512);
        short[] table = new short[channels * 256];
        for (int i = 0; i < table.Length; i++)
            table[i] = from.Int16();
        ProgramInput input = new(name, channels, height, width, terms, format, scale, Sealed(table), reverse);
        ProgramIo io = new(batch, input, Output(ref from), Texts(ref from));
        if (from.IsAtEnd)
            return io;
        ProgramOutput[] others = new ProgramOutput[from.Count(26)];
        for (int i = 0; i < others.Length; i++)
            others[i] = Output(ref from);
        return io with { OtherOutputs = Sealed(others) };
    }

    private static void Output(SectionWriter to, ProgramOutput output)
    {
        to.Text(output.Name);
        Shape(to, output.Channels, output.Height, output.Width);
        to.Double(output.Scale);
        to.Int32(output.Transform);
    }

    private static ProgramOutput Output(ref SectionReader from)
    {
        string name = from.Text();
        (int channels, int height, int width) = Shape(ref from);
        return new ProgramOutput(name, channels, height, width, from.Double(), from.Int32());
    }

    public static byte[] Host(ImmutableArray<HostStep> steps)
    {
        SectionWriter to = new();
        to.Int32(steps.Length);
        foreach (HostStep step in steps)
        {
            to.Int32((int)step.Kind);
            to.Text(step.Name);
        }

        return steps.IsEmpty ? [] : to.ToArray();
    }

    public static ImmutableArray<HostStep> Host(ref SectionReader from)
    {
        HostStep[] steps = new HostStep[from.Count(6)];
        for (int i = 0; i < steps.Length; i++)
            steps[i] = new HostStep((HostStepKind)from.Int32(), from.Text());
        return Sealed(steps);
    }

    public static byte[] Regions(RegionSizes sizes)
    {
        SectionWriter to = new();
        to.Int64(sizes.InputBytes);
        to.Int64(sizes.OutputBytes);
        to.Int64(sizes.ArenaBytes);
        return to.ToArray();
    }

    public static RegionSizes Regions(ref SectionReader from) => new(from.Int64(), from.Int64(), from.Int64());

    public static byte[] Symbols(ImmutableArray<string> symbols)
    {
        SectionWriter to = new();
        Texts(to, symbols);
        return symbols.IsEmpty ? [] : to.ToArray();
    }

    public static ImmutableArray<string> Symbols(ref SectionReader from) => Texts(ref from);

    public static byte[] Layers(LayerMap map)
    {
        SectionWriter to = new();
        Texts(to, map.Layers);
        to.Int32(map.InstructionLayers.Length);
        foreach (int layer in map.InstructionLayers)
            to.Int32(layer);
        to.Int32(map.Tensors.Length);
        foreach (MappedTensor tensor in map.Tensors)
        {
            to.Text(tensor.Name);
            Shape(to, tensor.Channels, tensor.Height, tensor.Width);
            to.Format(tensor.Format);
        }

        to.Int32(map.Tiles.Length);
        foreach (MappedTile tile in map.Tiles)
        {
            to.Int32(tile.Instruction);
            to.Int32(tile.Tensor);
            to.Int32(tile.FirstImage);
            to.Int32(tile.FirstRow);
            to.Int32(tile.FirstColumn);
            to.Int32(tile.FirstChannel);
        }

        if (!map.Parts.IsEmpty)
        {
            to.Int32(map.Parts.Length);
            foreach (MappedPart part in map.Parts)
            {
                to.Int32(part.Tensor);
                to.Text(part.Into);
                to.Int32(part.Height);
                to.Int32(part.Width);
                to.Int32(part.First);
                to.Int32(part.RowStep);
                to.Int32(part.ColumnStep);
            }
        }

        return to.ToArray();
    }

    public static LayerMap Layers(ref SectionReader from)
    {
        ImmutableArray<string> layers = Texts(ref from);
        int[] instructionLayers = new int[from.Count(4)];
        for (int i = 0; i < instructionLayers.Length; i++)
            instructionLayers[i] = from.Int32();
        MappedTensor[] tensors = new MappedTensor[from.Count(16)];
        for (int i = 0; i < tensors.Length; i++)
        {
            string name = from.Text();
            (int channels, int height, int width) = Shape(ref from);
            tensors[i] = new MappedTensor(name, channels, height, width, from.Format());
        }

        MappedTile[] tiles = new MappedTile[from.Count(24)];
        for (int i = 0; i < tiles.Length; i++)
            tiles[i] = new MappedTile(from.Int32(), from.Int32(), from.Int32(), from.Int32(), from.Int32(), from.Int32());
        MappedPart[] parts = from.IsAtEnd ? [] : new MappedPart[from.Count(26)];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = new MappedPart(from.Int32(), from.Text(), from.Int32(), from.Int32(), from.Int32(), from.Int32(), from.Int32());
        return new LayerMap(layers, Sealed(instructionLayers), Sealed(tensors), Sealed(tiles)) { Parts = Sealed(parts) };
    }

    public static byte[] Provenance(Provenance provenance)
    {
        SectionWriter to = new();
        to.Text(provenance.SourceSha256);
        to.Text(provenance.Options);
        to.Text(provenance.ToolVersion);
        return to.ToArray();
    }

    public static Provenance Provenance(ref SectionReader from) => new(from.Text(), from.Text(), from.Text());

    public static ArchSpec Arch(ReadOnlySpan<byte> json, in SectionReader from)
    {
        try
        {
            ArchSpec arch = ArchJson.Read(json);
            return SectionText.Violation(arch.Name) is { } violation ? throw from.Broken(violation) : arch;
        }
        catch (FormatException broken)
        {
            throw from.Broken(broken.Message);
        }
    }

    private static void Shape(SectionWriter to, int channels, int height, int width)
    {
        to.Int32(channels);
        to.Int32(height);
        to.Int32(width);
    }

    private static (int Channels, int Height, int Width) Shape(ref SectionReader from) => (from.Int32(), from.Int32(), from.Int32());

    private static void Texts(SectionWriter to, ImmutableArray<string> texts)
    {
        to.Int32(texts.Length);
        foreach (string text in texts)
            to.Text(text);
    }

    private static ImmutableArray<string> Texts(ref SectionReader from)
    {
        string[] texts = new string[from.Count(2)];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = from.Text();
        return Sealed(texts);
    }

    // Without a copy: nobody else holds the array.
    private static ImmutableArray<T> Sealed<T>(T[] items) => ImmutableCollectionsMarshal.AsImmutableArray(items);
}
