using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.TestKit.Programs;

/// <summary>The sample program changed so that it breaks one rule and keeps all others.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="What">What is changed.</param>
/// <param name="File">Makes the file; digests are right, those of <see cref="ProgramRule.Digest"/> apart.</param>
/// <param name="RunOn">The machine that it is opened on, or null.</param>
public sealed record RuleBreaker(ProgramRule Rule, string What, Func<byte[]> File, ArchSpec? RunOn = null)
{
    private static EbspProgram Sample => SampleProgram.Program;

    /// <summary>At least one for every rule.</summary>
    public static IReadOnlyList<RuleBreaker> All { get; } =
    [
        Header(ProgramRule.Container, "magic", file => file[1] ^= 1, seal: true),
        Header(ProgramRule.Container, "section count", file => file[16]++),
        Header(ProgramRule.Container, "reserved word of the header", file => file[20] = 1),
        Header(ProgramRule.Container, "file length", file => file[24]++),
        Header(ProgramRule.Container, "reserved word of an entry", file => file[64 + 4] = 1),
        Header(ProgramRule.Container, "reserved words of an entry", file => file[64 + 31] = 1),
        Header(ProgramRule.Container, "section out of order", file => file[64] = 2),
        Header(ProgramRule.Container, "section moved by 64 bytes", file => file[128 + 8] += 64),
        Header(ProgramRule.Container, "section of negative length", file => file[128 + 23] = 0x80),
        Header(ProgramRule.Container, "section longer than the file", file => file[128 + 19] = 1),
        Header(ProgramRule.Container, "section at 2^63 - 64", file =>
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(128 + 8), long.MaxValue - 63)),
        Header(ProgramRule.Container, "padding", file =>
            file[BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(64 + 8))
            + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(64 + 16))] = 1),
        Header(ProgramRule.Container, "bytes after the last section", file => file[64 + 10 * 64 + 16] -= 1),
        new(ProgramRule.Container, "place of an empty section", () =>
        {
            byte[] file = ProgramWriter.Write(Sample with { Model = default });
            file[64 + 9 * 64 + 8] = 64;
            ProgramContainer.Seal(file);
            return file;
        }),
        Header(ProgramRule.Digest, "digest of the header", file => file[40] ^= 1, seal: false),
        Header(ProgramRule.Digest, "digest of a section", file => file[64 + 4 * 64 + 40] ^= 1),
        Header(ProgramRule.Digest, "byte of a section", file => file[^1] ^= 1, seal: false),
        Header(ProgramRule.Version, "newer minor version", file => file[10] = 1),
        Header(ProgramRule.Version, "newer major version", file => file[8] = 2),
        Header(ProgramRule.Feature, "feature 31", file => file[15] = 0x80),

        Section(ProgramRule.Section, "bytes after the content", SectionId.Regions, bytes => [.. bytes, 0]),
        Section(ProgramRule.Section, "no content", SectionId.Regions, _ => []),
        Section(ProgramRule.Section, "half a word of code", SectionId.Code, bytes => bytes[..^32]),
        Section(ProgramRule.Section, "more symbols than bytes", SectionId.Symbols, bytes => [0xFF, 0xFF, 0xFF, 0x7F, .. bytes[4..]]),
        Section(ProgramRule.Section, "symbol that is not UTF-8", SectionId.Symbols, bytes => [.. bytes[..^1], 0xFF]),
        Section(ProgramRule.Section, "symbol with a control character", SectionId.Symbols, bytes => [.. bytes[..^1], 0x1B]),
        Section(ProgramRule.Section, "symbol of 1025 bytes", SectionId.Symbols, bytes =>
            [1, 0, 0, 0, 0x01, 0x04, .. Enumerable.Repeat((byte)'x', 1025)]),
        Section(ProgramRule.Section, "input without channels' table", SectionId.Io, bytes => Put(bytes, 11, int.MaxValue)),
        Section(ProgramRule.Section, "number format", SectionId.Io, bytes => Put(bytes, 27, 0x0FFF)),
        Section(ProgramRule.Section, "machine of no rows", SectionId.Arch, bytes => Replace(bytes, "\"rows\":16", "\"rows\":0")),
        Section(ProgramRule.Section, "machine's name with a bidirectional override", SectionId.Arch, bytes =>
            Replace(bytes, "small-16", "\\u202E")),
        Section(ProgramRule.Canonical, "white space in the machine", SectionId.Arch, bytes =>
            Replace(bytes, "\"rows\":16", "\"rows\": 16")),
        Section(ProgramRule.Canonical, "flag that is 2", SectionId.Io, bytes => Put(bytes, 37, 2)),
        Section(ProgramRule.Canonical, "list of no steps", SectionId.Host, _ => [0, 0, 0, 0]),
        new(ProgramRule.Machine, "machine with other rows", SampleProgram.File, SampleProgram.Program.Arch with { Rows = 8 }),
        Section(ProgramRule.Instruction, "undefined opcode", SectionId.Code, bytes => [0x66, .. bytes[1..]]),
        Section(ProgramRule.Instruction, "reserved bit", SectionId.Code, bytes => [.. bytes[..63], 0x80, .. bytes[64..]]),
        Section(ProgramRule.Instruction, "format that does not exist", SectionId.Code, bytes => Put(bytes, 3 * 64 + 14, 0xFFFF)),

        Code(ProgramRule.End, "no instruction", _ => []),
        Code(ProgramRule.End, "no end", code => [.. code[..^1], code[^2]]),
        Code(ProgramRule.End, "two ends", code => [.. code[..^2], code[^1], code[^1]]),
        Code(ProgramRule.End, "end that signals", "end", (Field.Signal, 1)),
        Code(ProgramRule.End, "end that waits", "end", (Field.Wait1Value, 1)),

        Code(ProgramRule.Address, "load beyond the input", "load", (Field.DramAddress, 1)),
        Code(ProgramRule.Address, "load of images far apart", "load", (Field.DramImagePitch, (1L << 36) - 1)),
        Code(ProgramRule.Address, "load beyond the buffer", "load", (Field.BufferAddress, 131_072 - 1024 + 8)),
        Code(ProgramRule.Address, "store beyond the output", "store", (Field.DramAddress, 8)),
        Code(ProgramRule.Address, "store from beyond the buffer", "store", (Field.BufferAddress, 131_072 - 120)),
        Code(ProgramRule.Address, "conv source", "conv", (Field.SrcAddress, 131_072 - 1016)),
        Code(ProgramRule.Address, "conv weights", "conv", (Field.WeightAddress, 131_072 - 536)),
        Code(ProgramRule.Address, "conv bias", "conv", (Field.BiasAddress, 131_072 - 56)),
        Code(ProgramRule.Address, "conv psums", "conv", (Field.PsumAddress, 32_768 - 8184)),
        Code(ProgramRule.Address, "depthwise weights", "depthwise", (Field.WeightAddress, 131_072 - 88)),
        Code(ProgramRule.Address, "depthwise source", "depthwise", (Field.SrcAddress, 131_072 - 2040)),
        Code(ProgramRule.Address, "matmul source", "matmul", (Field.SrcAddress, 131_072 - 120)),
        Code(ProgramRule.Address, "matmul weights", "matmul", (Field.WeightAddress, 131_072 - 392)),
        Code(ProgramRule.Address, "matmul psums", "matmul", (Field.PsumAddress, 32_768 - 120)),
        Code(ProgramRule.Address, "vector psums", "vector", (Field.SrcAddress, 32_768 - 8184)),
        Code(ProgramRule.Address, "vector operand b", IndexOf("vector", 2), (Field.AddAddress, 131_072 - 1840)),
        Code(ProgramRule.Address, "vector result", "vector", (Field.DstAddress, 131_072 - 2040)),
        Code(ProgramRule.Address, "lut table", "lut", (Field.Constants, SampleProgram.Program.Tables.Length - 248)),
        Code(ProgramRule.Address, "lut result", "lut", (Field.DstAddress, 131_072 - 504)),
        Code(ProgramRule.Address, "pool source", "pool", (Field.SrcAddress, 131_072 - 504)),
        Code(ProgramRule.Address, "pool result", "pool", (Field.DstAddress, 131_072 - 120)),
        Code(ProgramRule.Address, "pool sums", IndexOf("pool", 1), (Field.DstAddress, 32_768 - 120)),
        Code(ProgramRule.Address, "host source", "host", (Field.SrcAddress, 131_072 - 120)),
        Code(ProgramRule.Address, "host result", "host", (Field.DstAddress, 131_072 - 120)),

        Code(ProgramRule.Pitches, "load of overlapping pixels", "load", (Field.BufferPixelPitch, 0)),
        Code(ProgramRule.Pitches, "store of overlapping rows", IndexOf("store", 1), (Field.DramRowPitch, 95)),
        Code(ProgramRule.Pitches, "vector result of overlapping images", "vector", (Field.DstImagePitch, 1016)),
        Code(ProgramRule.Pitches, "lut result of overlapping pixels", "lut", (Field.DstPixelPitch, 8)),
        Code(ProgramRule.Pitches, "pool result of overlapping rows", "pool", (Field.DstRowPitch, 24)),
        Code(ProgramRule.Pitches, "host result of overlapping images", "host", (Field.DstImagePitch, 56)),
        Code(ProgramRule.Work, "conv over one pixel 1787 x 1787 times", "conv", (Field.SrcPixelPitch, 0), (Field.SrcRowPitch, 0),
            (Field.SrcImagePitch, 0),
            (Field.SrcRows, 65_535), (Field.SrcColumns, 65_535), (Field.StrideY, 255), (Field.StrideX, 255)),
        Code(ProgramRule.Work, "matmul over one pixel", "matmul", (Field.SrcImagePitch, 0), (Field.Images, 800), (Field.SrcChannels, 400),
            (Field.WeightAddress, 0), (Field.PsumAddress, 0),
            (Field.Channels, 8), (Field.WeightFormat, Format(PatternFormat.Window(2, 1, true)))),
        Code(ProgramRule.Work, "pool over one pixel", "pool", (Field.SrcPixelPitch, 0), (Field.SrcRowPitch, 0), (Field.SrcRows, 255),
            (Field.SrcColumns, 255),
            (Field.KernelRows, 255), (Field.KernelColumns, 255)),
        Wide(ProgramRule.Work, "2^37 products", 1, 4096, 4096, 8192),
        Wide(ProgramRule.Work, "2^31 weights", 1, 1, 4096, 524_288),
        Wide(ProgramRule.Work, "2^13 times 2^36 products", 8192, 4096, 4096, 4096),
        Code(ProgramRule.TransferBits, "9 bits", "load", (Field.ElementBits, 9), (Field.BufferPixelPitch, 16)),
        Code(ProgramRule.TransferBits, "24 bits", IndexOf("load", 2), (Field.ElementBits, 24), (Field.Images, 1), (Field.Rows, 1)),
        Code(ProgramRule.StoreRegion, "store to the input", "store", (Field.DramRegion, (long)Region.Input)),
        Code(ProgramRule.StoreRegion, "store to the weights", "store", (Field.DramRegion, (long)Region.Weights)),
        Code(ProgramRule.ArrayFormat, "plain source", "conv", (Field.SrcFormat, Format(PatternFormat.Uniform(6, false)))),
        Code(ProgramRule.ArrayFormat, "k of the source", "matmul", (Field.SrcFormat, Format(PatternFormat.Window(6, 4, false)))),
        Code(ProgramRule.ArrayFormat, "k of the weights", "depthwise", (Field.WeightFormat, Format(PatternFormat.Window(6, 4, true)))),
        Code(ProgramRule.ArrayFormat, "plain weights", "conv", (Field.WeightFormat, Format(PatternFormat.Uniform(4, true)))),
        Code(ProgramRule.Groups, "groups do not divide channels", "conv", (Field.Groups, 3), (Field.SrcChannels, 2)),
        Code(ProgramRule.Groups, "multiplier does not divide channels", "depthwise", (Field.Multiplier, 3)),
        Code(ProgramRule.Groups, "65536 input channels", IndexOf("conv", 1), (Field.Groups, 16), (Field.SrcChannels, 4096), (Field.Rows, 1),
            (Field.Columns, 1), (Field.Images, 1), (Field.WeightAddress, 0)),
        OnePixel(ProgramRule.Fold, "17 channels of a matmul", "matmul", (Field.Channels, 17)),
        OnePixel(ProgramRule.Fold, "17 channels a group", "conv", (Field.Channels, 17)),
        OnePixel(ProgramRule.Fold, "pixels side by side", "conv", (Field.UnrollColumns, 2)),
        Code(ProgramRule.Fold, "17 images of a matmul", "matmul", (Field.UnrollColumns, 17)),
        Code(ProgramRule.Fold, "18 pixels side by side", "conv", (Field.UnrollRows, 6), (Field.UnrollColumns, 3)),
        Code(ProgramRule.AddGroups, "operand b beyond the tile", IndexOf("vector", 2), (Field.AddFirstGroup, 1)),
        Code(ProgramRule.VectorFormat, "psums of 16 bits", "vector", (Field.SrcFormat, Format(PatternFormat.Int16))),
        Code(ProgramRule.VectorFormat, "operand b of 32 bits", IndexOf("vector", 2), (Field.AddFormat, Format(PatternFormat.Int32))),
        Code(ProgramRule.VectorFormat, "factor of 32 bits", IndexOf("vector", 4), (Field.SrcFormat, Format(PatternFormat.Int32))),
        Code(ProgramRule.Term, "term of a plain result", IndexOf("vector", 1), (Field.Term, 1)),
        Code(ProgramRule.Term, "term of a single-run result", IndexOf("vector", 5),
            (Field.DstFormat, Format(PatternFormat.SingleRun(6, 3, false)))),
        Code(ProgramRule.Constants, "block beyond the tables", "vector", (Field.Constants, SampleProgram.Program.Tables.Length - 16)),
        Code(ProgramRule.Constants, "block of other channels", "vector", (Field.Channels, 15)),
        Tables(ProgramRule.Constants, "shift 0", tables => tables[0] = 0),
        Tables(ProgramRule.Constants, "hi beyond the format", tables => tables[12] = 64),
        Code(ProgramRule.LutFormat, "source of 16 bits", "lut", (Field.SrcFormat, Format(PatternFormat.Int16))),
        Code(ProgramRule.LutFormat, "result of 16 bits", "lut", (Field.DstFormat, Format(PatternFormat.Int16))),
        Tables(ProgramRule.LutTable, "entry off the pattern", tables => tables[^1] = 0b101101),
        Tables(ProgramRule.LutTable, "entry of 7 bits", tables => tables[^256] = 64),
        Code(ProgramRule.PoolFormat, "maximum in another format", "pool", (Field.DstFormat, Format(PatternFormat.Uniform(6, false)))),
        Code(ProgramRule.PoolFormat, "sum of 16 bits", IndexOf("pool", 1), (Field.DstFormat, Format(PatternFormat.Int16))),
        Code(ProgramRule.PoolFormat, "maximum of 32 bits", "pool", (Field.SrcFormat, Format(PatternFormat.Int32)),
            (Field.DstFormat, Format(PatternFormat.Int32))),
        Code(ProgramRule.PoolWindow, "window below the source", "pool", (Field.SrcRows, 1)),
        Code(ProgramRule.PoolWindow, "window right of the source", "pool", (Field.SrcColumns, 1)),
        Code(ProgramRule.PoolWindow, "window above the source", "pool", (Field.PadTop, 3)),
        Code(ProgramRule.PoolWindow, "window whose taps straddle the source", "pool", (Field.PadLeft, 7), (Field.DilationX, 8),
            (Field.SrcColumns, 1), (Field.StrideX, 1)),
        Code(ProgramRule.HostStep, "step that does not exist", "host", (Field.Step, 2)),
        Of(ProgramRule.HostStep, "kind that does not exist",
            Sample with { HostSteps = [new HostStep((HostStepKind)2, "flatten"), .. Sample.HostSteps.Skip(1)] }),
        Code(ProgramRule.Reorder, "other count", "host", (Field.Channels, 63)),
        Code(ProgramRule.Reorder, "other format", "host", (Field.DstFormat, Format(PatternFormat.Uniform(6, false)))),
        Code(ProgramRule.LocalResponse, "other shape", IndexOf("host", 1), (Field.SrcImageChannels, 15)),
        Code(ProgramRule.LocalResponse, "source of 32 bits", IndexOf("host", 1), (Field.SrcFormat, Format(PatternFormat.Int32))),
        Code(ProgramRule.LocalResponse, "table of another format", IndexOf("host", 1),
            (Field.SrcFormat, Format(PatternFormat.Uniform(8, false)))),
        Code(ProgramRule.LocalResponse, "clamp beyond the result", IndexOf("host", 1),
            (Field.DstFormat, Format(PatternFormat.Window(5, 3, false)))),
        Code(ProgramRule.LocalResponse, "block of a vector", IndexOf("host", 1), (Field.Constants, 0)),
        Code(ProgramRule.LocalResponse, "block at the end of the tables", IndexOf("host", 1), (Field.Constants, Sample.Tables.Length - 8)),
        Response(ProgramRule.LocalResponse, "n of 63", block => block[0] = 63),
        Response(ProgramRule.LocalResponse, "window of no channels", block => block[1] = 0),
        Response(ProgramRule.LocalResponse, "reserved byte of a response", block => block[2] = 1),
        Response(ProgramRule.LocalResponse, "one factor more", block => block[4]++),
        Response(ProgramRule.LocalResponse, "lower bound above the upper", block => block[8] = 64),
        Response(ProgramRule.LocalResponse, "negative factor", block => block[19] = 0x80),
        Code(ProgramRule.Label, "symbol that does not exist", "mark", (Field.Label, 2)),

        Io(ProgramRule.Io, "batch 0", io => io with { Batch = 0 }),
        Io(ProgramRule.Io, "batch 4096", io => io with { Batch = 4096 }),
        Io(ProgramRule.Io, "batch 3 in regions for 2", io => io with { Batch = 3 }),
        Io(ProgramRule.Io, "three terms", io => io with { Input = io.Input with { Terms = 3, Height = 1 } }),
        Io(ProgramRule.Io, "no terms", io => io with { Input = io.Input with { Terms = 0 } }),
        Io(ProgramRule.Io, "transform 8", io => io with { Output = io.Output with { Transform = 8 } }),
        Io(ProgramRule.Io, "input of no rows", io => io with { Input = io.Input with { Height = 0 } }),
        Io(ProgramRule.Io, "output of negative width", io => io with { Output = io.Output with { Width = -1 } }),
        Of(ProgramRule.Io, "small output region",
            Sample with { Regions = Sample.Regions with { OutputBytes = 127 },
            Code = [.. Sample.Code.Where(i => i.Opcode != Opcode.Store)] }),
        Io(ProgramRule.InputFormat, "plain input", io => io with { Input = io.Input with { Format = PatternFormat.Uniform(6, false) } }),
        Io(ProgramRule.InputFormat, "k of the input", io =>
            io with { Input = io.Input with { Format = PatternFormat.Window(6, 4, false) } }),
        Io(ProgramRule.PixelTable, "integer above the range", io =>
            io with { Input = io.Input with { PixelTable = io.Input.PixelTable.SetItem(700, 64) } }),
        Io(ProgramRule.PixelTable, "negative integer", io =>
            io with { Input = io.Input with { PixelTable = io.Input.PixelTable.SetItem(0, -1) } }),
        Io(ProgramRule.Scale, "input scale 0", io => io with { Input = io.Input with { Scale = 0 } }),
        Io(ProgramRule.Scale, "input scale not a number", io => io with { Input = io.Input with { Scale = double.NaN } }),
        Io(ProgramRule.Scale, "output scale infinite", io => io with { Output = io.Output with { Scale = double.PositiveInfinity } }),
        Io(ProgramRule.Labels, "nine labels", io => io with { Labels = io.Labels.RemoveAt(0) }),
        Of(ProgramRule.RegionSize, "negative arena", Sample with { Regions = Sample.Regions with { ArenaBytes = -1 } }),
        Of(ProgramRule.RegionSize, "arena of 2 GiB", Sample with { Regions = Sample.Regions with { ArenaBytes = 1L << 31 } }),
        Of(ProgramRule.RegionSize, "4 GiB together",
            Sample with { Regions = new RegionSizes(2_000_000_000, 2_000_000_000, 2_000_000_000) }),
        Of(ProgramRule.RegionSize, "weights of 7 bytes more", Sample with { Weights = new byte[Sample.Weights.Length + 7] }),
        Of(ProgramRule.RegionSize, "tables of a byte more",
            Sample with { Tables = new byte[] { 0 }.Concat(Sample.Tables.ToArray()).ToArray() }),
        Layers(ProgramRule.LayerMap, "layer that does not exist", map =>
            map with { InstructionLayers = map.InstructionLayers.SetItem(5, map.Layers.Length) }),
        Layers(ProgramRule.LayerMap, "layer -2", map => map with { InstructionLayers = map.InstructionLayers.SetItem(5, -2) }),
        Layers(ProgramRule.LayerMap, "instruction without entry", map =>
            map with { InstructionLayers = map.InstructionLayers.RemoveAt(0) }),
        Layers(ProgramRule.LayerMap, "tensor of no channels", map =>
            map with { Tensors = map.Tensors.Add(map.Tensors[0] with { Channels = 0 }) }),
        Layers(ProgramRule.LayerMap, "tensor of 2^48 elements", map =>
            map with { Tensors = map.Tensors.Add(map.Tensors[0] with { Channels = 65536, Height = 65536, Width = 65536 }) }),
        Layers(ProgramRule.Tile, "tiles in another order", map => map with { Tiles = [.. map.Tiles.Reverse()] }),
        Layers(ProgramRule.Tile, "the same tile twice", map => map with { Tiles = map.Tiles.Insert(1, map.Tiles[0]) }),
        Tile(ProgramRule.Tile, "instruction that does not exist", tile => tile with { Instruction = SampleProgram.Program.Code.Length }),
        Tile(ProgramRule.Tile, "tensor that does not exist", tile => tile with { Tensor = 4 }),
        Tile(ProgramRule.Tile, "tile of a load", tile => tile with { Instruction = SampleProgram.Program.Code.Length - 4 }),
        Tile(ProgramRule.Tile, "tile below its tensor", tile => tile with { FirstRow = 1 }),
        Tile(ProgramRule.Tile, "tile right of its tensor", tile => tile with { FirstColumn = 1 }),
        Tile(ProgramRule.Tile, "tile of image 2", tile => tile with { FirstImage = 1 }),
        Tile(ProgramRule.Tile, "tile of negative channel", tile => tile with { FirstChannel = -1 }),
        Tile(ProgramRule.Tile, "tile that overflows", tile => tile with { FirstChannel = int.MaxValue }),
        Of(ProgramRule.Provenance, "short hash",
            Sample with { Provenance = Sample.Provenance with { SourceSha256 = new string('a', 63) } }),
        Of(ProgramRule.Provenance, "upper-case hash",
            Sample with { Provenance = Sample.Provenance with { SourceSha256 = new string('A', 64) } }),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {What}";

    private static RuleBreaker Header(ProgramRule rule, string what, Action<byte[]> change, bool seal = true) => new(rule, what, () =>
    {
        byte[] file = SampleProgram.File();
        change(file);
        if (seal)
            ProgramContainer.Seal(file);
        return file;
    });

    private static RuleBreaker Section(ProgramRule rule, string what, SectionId id, Func<byte[], byte[]> change) => new(rule, what, () =>
    {
        ReadOnlyMemory<byte>[] sections = ProgramWriter.Sections(Sample);
        sections[(int)id - 1] = change(sections[(int)id - 1].ToArray());
        return ProgramContainer.Write(sections);
    });

    private static RuleBreaker Of(ProgramRule rule, string what, EbspProgram program) =>
        new(rule, what, () => ProgramWriter.Write(program));

    private static RuleBreaker Io(ProgramRule rule, string what, Func<ProgramIo, ProgramIo> change) =>
        Of(rule, what, Sample with { Io = change(Sample.Io) });

    private static RuleBreaker Layers(ProgramRule rule, string what, Func<LayerMap, LayerMap> change) =>
        Of(rule, what, Sample with { Layers = change(Sample.Layers) });

    // The last tile: changes of its instruction to a later one keep the order.
    private static RuleBreaker Tile(ProgramRule rule, string what, Func<MappedTile, MappedTile> change) =>
        Layers(rule, what, map => map with { Tiles = map.Tiles.SetItem(map.Tiles.Length - 1, change(map.Tiles[^1])) });

    private static RuleBreaker Tables(ProgramRule rule, string what, Action<byte[]> change)
    {
        byte[] tables = Sample.Tables.ToArray();
        change(tables);
        return Of(rule, what, Sample with { Tables = tables });
    }

    private static RuleBreaker Response(ProgramRule rule, string what, Action<Span<byte>> change) =>
        Tables(rule, what, tables => change(tables.AsSpan((int)Sample.Code[IndexOf("host", 1)][Field.Constants])));

    // No tiles, so that a changed extent meets no rule about them; entries for as many words as there are.
    private static RuleBreaker Code(ProgramRule rule, string what, Func<ImmutableArray<Instruction>, ImmutableArray<Instruction>> change)
    {
        ImmutableArray<Instruction> code = change(Sample.Code);
        return Of(rule, what, Sample with { Code = code, Layers = LayerMap.Empty(code.Length) });
    }

    private static RuleBreaker Code(ProgramRule rule, string what, string mnemonic, params (Field Field, long Value)[] fields) =>
        Code(rule, what, IndexOf(mnemonic, 0), fields);

    private static RuleBreaker Code(ProgramRule rule, string what, int index, params (Field Field, long Value)[] fields) =>
        Code(rule, what, code =>
    {
        Instruction changed = Copy(code[index]);
        foreach ((Field field, long value) in fields)
            changed[field] = value;
        return code.SetItem(index, changed);
    });

    // On a machine that lays one output pixel a step onto the array.
    private static RuleBreaker OnePixel(ProgramRule rule, string what, string mnemonic, params (Field Field, long Value)[] fields)
    {
        Instruction changed = Copy(Sample.Code[IndexOf(mnemonic, 0)]);
        foreach ((Field field, long value) in fields)
            changed[field] = value;
        return Of(rule, what, Sample with
        {
            Arch = Sample.Arch with { DepthwiseMapping = DepthwiseMapping.BlockDiagonal },
            Code = Sample.Code.SetItem(IndexOf(mnemonic, 0), changed), Layers = LayerMap.Empty(Sample.Code.Length),
        });
    }

    // As many times the same matmul of 1-bit weights on a machine that has the memory for it.
    private static RuleBreaker Wide(ProgramRule rule, string what, int times, int pixels, int channels, int srcChannels)
    {
        Instruction matMul = new(Opcode.MatMul);
        new TensorOperand(0, PatternFormat.Window(6, 3, false), 0, 0, 0).Write(matMul, Field.SrcAddress);
        (matMul[Field.Images], matMul[Field.Channels], matMul[Field.SrcChannels]) = (pixels, channels, srcChannels);
        matMul[Field.WeightFormat] = Format(PatternFormat.Window(1, 1, false));
        ArchSpec arch = Sample.Arch with { Columns = 4096, BufferBytes = 1 << 30, PsumBytes = 64 << 20 };
        return Of(rule, what, Sample with
        {
            Arch = arch, Code = [.. Enumerable.Repeat(matMul, times), new Instruction(Opcode.End)], Layers = LayerMap.Empty(times + 1),
        });
    }

    private static int IndexOf(string mnemonic, int occurrence) =>
        Enumerable.Range(0, Sample.Code.Length).Where(i => Sample.Code[i].Definition.Mnemonic == mnemonic).ElementAt(occurrence);

    private static byte[] Put(byte[] bytes, int at, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);
        if (value > ushort.MaxValue)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static byte[] Replace(byte[] bytes, string text, string by) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(text, by, StringComparison.Ordinal));

    private static long Format(PatternFormat format) => FormatField.Encode(format);

    /// <summary>A copy to change.</summary>
    public static Instruction Copy(Instruction instruction)
    {
        byte[] word = new byte[Instruction.SizeBytes];
        instruction.Encode(word);
        Instruction.TryDecode(word, out Instruction? copy, out _);
        return copy!;
    }
}
