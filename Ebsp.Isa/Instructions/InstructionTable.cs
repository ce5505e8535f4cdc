namespace Ebsp.Isa.Instructions;

/// <summary>
/// The instruction set, one row an instruction. Encoder, decoder, assembler, disassembler, validator and docs/isa.md read it.
/// </summary>
public static class InstructionTable
{
    private const long MaxAddress = (1L << 31) - 8;

    private static readonly string[] UnitNames = ["fetch", "load", "array", "vector", "pool", "store", "host"];

    // Bits 8..79 of every word: what the instruction waits for before it starts, and the counter it raises when it is done.
    private static readonly FieldDefinition[] Header =
    [
        Number(Field.Signal,       "signal",  8,  8, 0, 255, "counter raised by one when the instruction is done; 0: none"),
        Number(Field.Wait0Counter, "wait0",  16,  8, 0, 255, "counter to wait for; 0: none"),
        Number(Field.Wait1Counter, "wait1",  24,  8, 0, 255, "counter to wait for; 0: none"),
        Number(Field.Wait0Value,   "until0", 32, 24, 0, (1 << 24) - 1, "the instruction starts once counter wait0 is at least this"),
        Number(Field.Wait1Value,   "until1", 56, 24, 0, (1 << 24) - 1, "the instruction starts once counter wait1 is at least this"),
    ];

    /// <summary>The rows.</summary>
    public static IReadOnlyList<InstructionDefinition> Rows { get; } =
    [
        new(Opcode.Load, "load", Unit.Load, (i, at) => new TransferInstruction(i, at),
            "Moves a feature map, or plain bytes, from DRAM to the buffer.",
            """
            For image n < images, row y < rows, column x < columns and channel group g < groups:

                from = dram + n*dimage + y*drow + x*dpixel + g*bits          byte in the region of DRAM
                to   = buffer + n*bimage + y*brow + x*bpixel + g*8*slot      byte in the buffer

            The `bits` bytes at `from` hold 8 codes of `bits` bits, a little-endian bit stream; they become the 8 slots of `slot` bytes at `to`.
            slot is 1 for bits <= 8 (the code zero-extended), 2 for 16, 4 for 32; other numbers of bits do not exist. No format is checked.
            Plain bytes (weights, biases) move with bits = 8: one pixel whose groups are runs of 8 bytes.
            """,
            Header, Transfer),
        new(Opcode.Store, "store", Unit.Store, (i, at) => new TransferInstruction(i, at),
            "Moves a feature map from the buffer to DRAM.",
            """
            The reverse of load: of each slot the low `bits` bits become the code. The region is output or arena.
            """,
            Header, Transfer),
        new(Opcode.MatMul, "matmul", Unit.Array, (i, at) => new ArrayInstruction(i, at),
            "Matrix product tile: pixels x channels, int32 partial sums.",
            """
            For pixel p < images and output channel k < channels:

                psum[p][k] = start(p, k) + sum over c < srcchannels of src(p, c) * w[k][c]      int32, wrapping

            src(p, c) is the slot at byte `src + p*srcimage + c` of the buffer; srcpixel and srcrow are not used. Start, weights and psums are as in conv with
            one tap, one group, and one output row and column a pixel.

            Cycles: as conv, with one group, `E = unrollx*srcchannels` and `P = ceil(images / unrollx)`: unrollx pixels stand side by side in the array.
            """,
            Header, Operand(Field.SrcAddress, "src", "input feature map", 80),
            [
                Number(Field.Images,      "images",      180, 24, 1, (1 << 24) - 1, "pixels P"),
                Number(Field.SrcChannels, "srcchannels", 204, 20, 1, (1 << 20) - 1, "input channels C"),
                Number(Field.Channels,    "channels",    224, 16, 1, 65535, "output channels K of the tile"),
            ],
            Weights(240), [Unroll(Field.UnrollColumns, "unrollx", 471, "pixels side by side in the array")]),
        new(Opcode.Conv, "conv", Unit.Array, (i, at) => new ArrayInstruction(i, at),
            "Convolution tile: output pixels x channels, int32 partial sums.",
            """
            For image n < images, output row y < rows, output column x < columns and output channel k < channels, with g = floor(k / (channels / groups)):

                psum[n][y][x][k] = start(n, y, x, k) + sum over r < kernelrows, s < kernelcolumns, c < srcchannels of
                    src(n, y*stridey + r*dilationy - padtop, x*stridex + s*dilationx - padleft, g*srcchannels + c) * w[k][r][s][c]      int32, wrapping

            src is zero outside rows 0..srcrows-1 and columns 0..srccolumns-1, so the output extents imply the pads below and to the right.
            start is zero, bias[k] (the int32 at byte `bias + 4*k` of the buffer), or what the psum held before (accumulate).
            Psums lie densely in psum memory from byte `psum`: `[n][y][x][8*ceil(channels/8)]` int32; those at channel `channels` and above become zero.
            Let `T = kernelrows*kernelcolumns*srcchannels` and b be the bits of a weight code: w[k] is a little-endian bit stream of T codes in the order r, s, c
            that starts at byte `weights + k*ceil(T*b / 8)` of the buffer. Coding index has index codes, coding plain slot codes of B bits.

            Cycles: with P steps of unrolly x unrollx output pixels, whose windows together have y x x positions of the input (chapter Array), E elements a group,
            and N output channels of a group at a time,

                P = images * ceil(rows / unrolly) * ceil(columns / unrollx)
                E = y * x * srcchannels
                N = floor(array columns / (unrolly*unrollx))
                F = groups * ceil((channels / groups) / N) * ceil(E / array rows)
                array rows + F * max(P, array rows) + array columns - 1
            """,
            Header, Operand(Field.SrcAddress, "src", "input feature map", 80), KernelWindow(180), Extents(276),
            [
                Number(Field.SrcChannels, "srcchannels", 336, 16, 1, 65535, "input channels of one group"),
                Number(Field.Groups,      "groups",      352, 12, 1, 4095, "groups G; channels is a multiple of it"),
            ],
            Weights(364), Unrolled),
        new(Opcode.Depthwise, "depthwise", Unit.Array, (i, at) => new ArrayInstruction(i, at),
            "Depthwise convolution tile: each input channel makes `multiplier` output channels.",
            """
            As conv with one input channel a group: output channel k reads input channel floor(k / multiplier), and channels is a multiple of multiplier.

                psum[n][y][x][k] = start(n, y, x, k) + sum over r < kernelrows, s < kernelcolumns of
                    src(n, y*stridey + r*dilationy - padtop, x*stridex + s*dilationx - padleft, floor(k / multiplier)) * w[k][r][s]      int32, wrapping

            Psums, start and weights are as in conv, with `T = kernelrows*kernelcolumns`.

            Cycles: with P as in conv, E = y * x positions of a channel (chapter Array) and D input channels a fold,

                D = max(1, min(floor(array rows / E), floor(array columns / (multiplier*unrolly*unrollx))))      1 under the one-channel mapping
                F = ceil((channels / multiplier) / D) * ceil(E / array rows)
                array rows + F * max(P, array rows) + array columns - 1
            """,
            Header, Operand(Field.SrcAddress, "src", "input feature map", 80), KernelWindow(180), Extents(276),
            [
                Number(Field.Multiplier, "multiplier", 336, 12, 1, 4095, "output channels an input channel makes"),
            ],
            Weights(364), Unrolled),
        new(Opcode.Vector, "vector", Unit.Vector, (i, at) => new VectorInstruction(i, at),
            "Requantizes: scales, adds, multiplies, clamps, projects, splits into terms.",
            """
            For image n < images, row y < rows, column x < columns and channel c < channels, with the constants block at tables[constants]:

                requantize:   r = (a * m + b * mb + d[c] + 2^(n-1)) >> n      int64, arithmetic shift
                product:      r = (a * b * m + 2^(n-1)) >> n                  |a|, |b| < 2^15, m >= 0; mb and d are not used
                              r = min(max(r, lo), hi)
                whole:        dst = projection of r on the format of dst
                first:        dst = first term of r
                second:       dst = second term of r

            n, m, mb, d, lo, hi are those of the block (chapter Constants block). a is src. b is the element of add at channel `c - 8*addfirst` for channels in
            the groups addfirst .. addfirst+addgroups-1, and 0 elsewhere. Formats: a from psum memory is s32; b, and a
            in a product, have at most 16 bits; dst of a first or second term has a window format.
            Channels from `channels` to the next multiple of 8 are written as zero.

            Cycles: `ceil(images*rows*columns*channels / array columns)`, and a DRAM read of the constants block unless the unit read the same one last.
            """,
            Header, Operand(Field.SrcAddress, "src", "operand a", 80), Operand(Field.AddAddress, "add", "operand b", 180),
                Operand(Field.DstAddress, "dst", "result", 280),
            Extents(380),
            [
                Name(Field.SrcSpace, "space", 440, 1, "memory of operand a", "buffer", "psum"),
                Name(Field.Mode, "mode", 441, 1, "formula", "requantize", "product"),
                Name(Field.Term, "term", 442, 2, "what is written", "whole", "first", "second"),
                Number(Field.AddFirstGroup, "addfirst", 444, 13, 0, 8191, "first channel group that has an operand b"),
                Number(Field.AddGroups, "addgroups", 457, 13, 0, 8191, "channel groups that have one; 0: no operand b"),
                Address(Field.Constants, "constants", 470, 28, 8, MaxAddress, "constants block in the tables region"),
            ]),
        new(Opcode.Lut, "lut", Unit.Vector, (i, at) => new LutInstruction(i, at),
            "Maps slot codes through a table of 256 entries.",
            """
            For every pixel and channel c < channels, on one-byte slots in the buffer:

                dst = tables[constants + src]      codes, not values

            All 256 entries are codes of the result's format.
            Channels from `channels` to the next multiple of 8 are written as zero.

            Cycles: as vector; the block that is read has 256 bytes.
            """,
            Header, Operand(Field.SrcAddress, "src", "input, at most 8 bits", 80),
                Operand(Field.DstAddress, "dst", "result, at most 8 bits", 280), Extents(380),
            [Address(Field.Constants, "constants", 470, 28, 8, MaxAddress, "table in the tables region")]),
        new(Opcode.Pool, "pool", Unit.Pool, (i, at) => new PoolInstruction(i, at),
            "Maximum or sum over a window.",
            """
            For image n < images, output row y < rows, output column x < columns and channel c < channels, over the taps r < kernelrows, s < kernelcolumns whose
            source row and column exist:

                source row      y*stridey + r*dilationy - padtop       in 0..srcrows-1
                source column   x*stridex + s*dilationx - padleft      in 0..srccolumns-1
                max:   dst = the largest value, to the buffer; dst has the format of src, and every window has a tap that exists
                sum:   dst = the sum, int32, wrapping, to psum memory; dst has format s32

            src has at most 16 bits. Channels from `channels` to the next multiple of 8 are written as zero.

            Cycles: `ceil(images*rows*columns*channels*kernelrows*kernelcolumns / array columns)`.
            """,
            Header, Operand(Field.SrcAddress, "src", "input feature map", 80), KernelWindow(180), Extents(276),
                Operand(Field.DstAddress, "dst", "result", 336),
            [Name(Field.Mode, "mode", 436, 1, "what is computed", "max", "sum")]),
        new(Opcode.Host, "host", Unit.Host, (i, at) => new HostInstruction(i, at),
            "A step that the host computes between layers.",
            """
            Step `step` of the program's host section, on integers in the buffer, by its kind:

            - Reorder (0): the elements of src, images x srcrows x srccolumns x srcchannels, in the order image, channel, row, column (C order of N, C, H, W) become
              the elements of dst, images x rows x columns x channels, in the same order; both have the same count and format. Channels of dst from `channels` to
              the next multiple of 8 are written as zero.
            - LocalResponse (1): element (n, y, x, c) of dst is the local response of channel c of pixel (n, y, x) of src (chapter Numbers), with the block at
              tables[constants] (chapter Constants block). srcrows, srccolumns and srcchannels are rows, columns and channels; src has at most 16 bits. Channels
              of dst from `channels` to the next multiple of 8 are written as zero.

            All of src is read before anything of dst is written. The host has the tables region in its own memory: no transfer.

            Cycles: `HostCyclesPerElement * images*rows*columns*channels`.
            """,
            Header, Operand(Field.SrcAddress, "src", "input", 80), Operand(Field.DstAddress, "dst", "result", 280), Extents(380),
            [
                Number(Field.SrcImageRows, "srcrows", 180, 16, 1, 65535, "rows of the input"),
                Number(Field.SrcImageColumns, "srccolumns", 196, 16, 1, 65535, "columns of the input"),
                Number(Field.SrcImageChannels, "srcchannels", 212, 16, 1, 65535, "channels of the input"),
                Number(Field.Step, "step", 440, 16, 0, 65535, "index into the host section"),
                Address(Field.Constants, "constants", 456, 28, 8, MaxAddress,
                    "constants block in the tables region, of kinds that have one"),
            ]),
        new(Opcode.Sync, "sync", null, (i, at) => new ControlInstruction(i, at),
            "Waits for up to six counters on behalf of a unit.",
            "The unit's next instruction starts after this one, which starts once all six named counters have reached their values. No " +
                "effect on data.\n\nCycles: 1.",
            Header, Target,
            [
                Number(Field.Wait2Counter, "wait2", 96, 8, 0, 255, "counter to wait for; 0: none"),
                Number(Field.Wait3Counter, "wait3", 104, 8, 0, 255, "counter to wait for; 0: none"),
                Number(Field.Wait4Counter, "wait4", 112, 8, 0, 255, "counter to wait for; 0: none"),
                Number(Field.Wait5Counter, "wait5", 120, 8, 0, 255, "counter to wait for; 0: none"),
                Number(Field.Wait2Value, "until2", 128, 24, 0, (1 << 24) - 1, "value for wait2"),
                Number(Field.Wait3Value, "until3", 152, 24, 0, (1 << 24) - 1, "value for wait3"),
                Number(Field.Wait4Value, "until4", 176, 24, 0, (1 << 24) - 1, "value for wait4"),
                Number(Field.Wait5Value, "until5", 200, 24, 0, (1 << 24) - 1, "value for wait5"),
            ]),
        new(Opcode.Mark, "mark", null, (i, at) => new ControlInstruction(i, at),
            "Puts a label into the trace of a unit.",
            "The trace of the unit shows symbol `label` from here on. No effect on data.\n\nCycles: 1.",
            Header, Target, [Number(Field.Label, "label", 96, 24, 0, (1 << 24) - 1, "index into the symbols section")]),
        new(Opcode.Perf, "perf", null, (i, at) => new ControlInstruction(i, at),
            "Takes a snapshot of the run's counters under an id.",
            "No effect on data.\n\nCycles: 1.",
            Header, Target, [Number(Field.Label, "label", 96, 24, 0, (1 << 24) - 1, "id of the snapshot")]),
        new(Opcode.Nop, "nop", null, (i, at) => new ControlInstruction(i, at),
            "Does nothing; carries waits and a signal.", "No effect on data.\n\nCycles: 1.", Header, Target),
        new(Opcode.End, "end", Unit.Fetch, (i, at) => new ControlInstruction(i, at),
            "Ends the program, once every unit has finished.",
            "The last word of every program, and nowhere else. Its waits and its signal are zero.", Header),
    ];

    private static readonly InstructionDefinition?[] ByOpcode = Index();

    /// <summary>The row of an opcode, or null.</summary>
    public static InstructionDefinition? Find(Opcode opcode) => ByOpcode[(byte)opcode];

    /// <summary>The row of a mnemonic, or null.</summary>
    public static InstructionDefinition? Find(string mnemonic) => Rows.FirstOrDefault(row => row.Mnemonic == mnemonic);

    private static FieldDefinition[] Transfer =>
    [
        Name(Field.DramRegion, "region", 80, 3, "region in DRAM", "weights", "tables", "input", "output", "arena"),
        Address(Field.DramAddress, "dram", 83, 40, 1, (1L << 40) - 1, "first byte in DRAM"),
        Number(Field.ElementBits, "bits", 123, 6, 1, 32, "bits of an element in DRAM: 1..8, 16 or 32"),
        Address(Field.BufferAddress, "buffer", 129, 28, 8, MaxAddress, "first byte in the buffer"),
        Number(Field.Images, "images", 157, 12, 1, 4095, "images N"),
        Number(Field.Rows, "rows", 169, 16, 1, 65535, "rows H"),
        Number(Field.Columns, "columns", 185, 16, 1, 65535, "columns W"),
        Number(Field.ChannelGroups, "groups", 201, 20, 1, (1 << 20) - 1, "groups of 8 channels a pixel"),
        Number(Field.DramPixelPitch, "dpixel", 221, 24, 0, (1 << 24) - 1, "bytes between columns in DRAM"),
        Number(Field.DramRowPitch, "drow", 245, 32, 0, (1L << 32) - 1, "bytes between rows in DRAM"),
        Number(Field.DramImagePitch, "dimage", 277, 36, 0, (1L << 36) - 1, "bytes between images in DRAM"),
        Pitch(Field.BufferPixelPitch, "bpixel", 313, 16, "bytes between columns in the buffer"),
        Pitch(Field.BufferRowPitch, "brow", 329, 20, "bytes between rows in the buffer"),
        Pitch(Field.BufferImagePitch, "bimage", 349, 24, "bytes between images in the buffer"),
    ];

    private static FieldDefinition[] Target =>
        [Name(Field.TargetUnit, "unit", 80, 3, "the unit that executes it", UnitNames) with { Minimum = 1 }];

    private static FieldDefinition[] Operand(Field first, string name, string what, int at) =>
    [
        Address(first, name, at, 28, 8, MaxAddress, $"{what}: first byte"),
        new(first + 1, name + "format", at + 28, FormatField.Width, FieldKind.Format, 1, 0, (1 << FormatField.Width) - 1, $"{what}: format",
            []),
        Pitch(first + 2, name + "pixel", at + 40, 16, $"{what}: bytes between columns"),
        Pitch(first + 3, name + "row", at + 56, 20, $"{what}: bytes between rows"),
        Pitch(first + 4, name + "image", at + 76, 24, $"{what}: bytes between images"),
    ];

    private static FieldDefinition[] KernelWindow(int at) =>
    [
        Number(Field.SrcRows, "srcrows", at, 16, 1, 65535, "rows of the input that exist"),
        Number(Field.SrcColumns, "srccolumns", at + 16, 16, 1, 65535, "columns of the input that exist"),
        Number(Field.KernelRows, "kernelrows", at + 32, 8, 1, 255, "kernel rows R"),
        Number(Field.KernelColumns, "kernelcolumns", at + 40, 8, 1, 255, "kernel columns S"),
        Number(Field.StrideY, "stridey", at + 48, 8, 1, 255, "rows between windows"),
        Number(Field.StrideX, "stridex", at + 56, 8, 1, 255, "columns between windows"),
        Number(Field.DilationY, "dilationy", at + 64, 8, 1, 255, "rows between taps"),
        Number(Field.DilationX, "dilationx", at + 72, 8, 1, 255, "columns between taps"),
        Number(Field.PadTop, "padtop", at + 80, 8, 0, 255, "rows of padding above"),
        Number(Field.PadLeft, "padleft", at + 88, 8, 0, 255, "columns of padding to the left"),
    ];

    private static FieldDefinition[] Extents(int at) =>
    [
        Number(Field.Images, "images", at, 12, 1, 4095, "images N of the tile"),
        Number(Field.Rows, "rows", at + 12, 16, 1, 65535, "rows of the tile"),
        Number(Field.Columns, "columns", at + 28, 16, 1, 65535, "columns of the tile"),
        Number(Field.Channels, "channels", at + 44, 16, 1, 65535, "channels of the tile"),
    ];

    private static FieldDefinition[] Weights(int at) =>
    [
        Address(Field.WeightAddress, "weights", at, 28, 8, MaxAddress, "first byte of the weights in the buffer"),
        new(Field.WeightFormat, "weightformat", at + 28, FormatField.Width, FieldKind.Format, 1, 0, (1 << FormatField.Width) - 1,
            "format of the weights", []),
        Name(Field.WeightCoding, "coding", at + 40, 1, "coding of the weights", "index", "plain"),
        Name(Field.Start, "start", at + 41, 2, "what the sums start at", "zero", "bias", "accumulate"),
        Address(Field.BiasAddress, "bias", at + 43, 28, 8, MaxAddress, "first byte of the biases in the buffer"),
        Address(Field.PsumAddress, "psum", at + 71, 28, 8, MaxAddress, "first byte of the partial sums in psum memory"),
    ];

    private static FieldDefinition[] Unrolled =>
    [
        Unroll(Field.UnrollRows, "unrolly", 463, "output rows side by side in the array"),
        Unroll(Field.UnrollColumns, "unrollx", 471, "output columns side by side in the array"),
    ];

    // Stored less one: programs from before the fields were there have zeros, and one pixel at a time.
    private static FieldDefinition Unroll(Field id, string name, int at, string meaning) => Number(id, name, at, 8, 1, 256, meaning) with
    {
        Base = 1,
    };

    private static FieldDefinition Number(Field id, string name, int at, int width, long minimum, long maximum, string meaning) =>
        new(id, name, at, width, FieldKind.Number, 1, minimum, maximum, meaning, []);

    private static FieldDefinition Address(Field id, string name, int at, int width, int scale, long maximum, string meaning) =>
        new(id, name, at, width, FieldKind.Address, scale, 0, maximum, meaning, []);

    private static FieldDefinition Pitch(Field id, string name, int at, int width, string meaning) =>
        new(id, name, at, width, FieldKind.Number, 8, 0, ((1L << width) - 1) * 8, meaning, []);

    private static FieldDefinition Name(Field id, string name, int at, int width, string meaning, params string[] names) =>
        new(id, name, at, width, FieldKind.Name, 1, 0, names.Length - 1, meaning, names);

    private static InstructionDefinition?[] Index()
    {
        InstructionDefinition?[] index = new InstructionDefinition?[256];
        foreach (InstructionDefinition row in Rows)
            index[(int)row.Opcode] = row;
        return index;
    }
}
