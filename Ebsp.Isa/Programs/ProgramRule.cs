namespace Ebsp.Isa.Programs;

/// <summary>
/// What a .ebsp file must keep to; the number is that of its code EBSPnnnn. Rules up to <see cref="Machine"/> are about the file,
/// the later ones about the program in it.
/// </summary>
public enum ProgramRule
{
    /// <summary>Magic, section table, padding and file length are those of the one layout.</summary>
    Container = 4001,

    /// <summary>Every SHA-256 is that of its bytes.</summary>
    Digest = 4002,

    /// <summary>Every word decodes: a defined opcode, fields in range, reserved bits zero.</summary>
    Instruction = 4003,

    /// <summary>Every byte that an instruction reads or writes lies in its region.</summary>
    Address = 4004,

    /// <summary>The format version is known.</summary>
    Version = 4005,

    /// <summary>Every mandatory feature is known.</summary>
    Feature = 4006,

    /// <summary>A section's content can be read: lengths, counts, texts, formats, the machine description.</summary>
    Section = 4007,

    /// <summary>A section is written in the one canonical way.</summary>
    Canonical = 4008,

    /// <summary>The machine that it runs on has the structural fields of the one that it was compiled for.</summary>
    Machine = 4009,

    /// <summary>END is the last word and only the last; it neither waits nor signals.</summary>
    End = 4010,

    /// <summary>LOAD and STORE move elements of 1..8, 16 or 32 bits.</summary>
    TransferBits = 4011,

    /// <summary>STORE writes output or arena only.</summary>
    StoreRegion = 4012,

    /// <summary>Both operands of the PE array have pattern formats that its PatternLength can steer.</summary>
    ArrayFormat = 4013,

    /// <summary>Groups and multiplier divide the channels; groups * srcchannels is at most 65535.</summary>
    Groups = 4015,

    /// <summary>The output channels of a matmul, or of one group of a conv, have a column each; on a machine that unrolls, the pixels
    /// side by side of one channel (of one input channel of a depthwise) do.</summary>
    Fold = 4016,

    /// <summary>The channel groups with an operand b are groups of the tile.</summary>
    AddGroups = 4017,

    /// <summary>Operands of VECTOR: psums are s32, operand b and both factors of a product have at most 16 bits.</summary>
    VectorFormat = 4018,

    /// <summary>Terms are written to window formats only.</summary>
    Term = 4019,

    /// <summary>The constants block of a VECTOR is valid.</summary>
    Constants = 4020,

    /// <summary>LUT maps formats of at most 8 bits.</summary>
    LutFormat = 4021,

    /// <summary>Every entry of a LUT's table is a code of the result's format.</summary>
    LutTable = 4022,

    /// <summary>Max pooling keeps the format, sums are s32; the source has at most 16 bits.</summary>
    PoolFormat = 4023,

    /// <summary>Every window of a max pooling has an element.</summary>
    PoolWindow = 4024,

    /// <summary>HOST names a step of the host section, of a known kind.</summary>
    HostStep = 4025,

    /// <summary>A reorder keeps count and format.</summary>
    Reorder = 4026,

    /// <summary>MARK names a symbol.</summary>
    Label = 4027,

    /// <summary>Batch, terms, shapes and transform of input and output are in range, and the batch fits their regions.</summary>
    Io = 4028,

    /// <summary>The input has a pattern format that the PatternLength can steer, or is plain in one term of 8 bits.</summary>
    InputFormat = 4029,

    /// <summary>Every integer of the pixel table lies within the input's range.</summary>
    PixelTable = 4030,

    /// <summary>Scales are positive and finite.</summary>
    Scale = 4031,

    /// <summary>There is a label for every class, or none.</summary>
    Labels = 4032,

    /// <summary>Regions have sizes that memory can hold: each below 2 GiB, 4 GiB together; weights and tables are multiples of 8
    /// bytes.</summary>
    RegionSize = 4033,

    /// <summary>The layer map gives every instruction a layer that exists, or none, and names tensors of possible shapes.</summary>
    LayerMap = 4034,

    /// <summary>Tiles stand in the order of their instructions, belong to instructions that write tiles, and lie inside their
    /// tensors.</summary>
    Tile = 4035,

    /// <summary>The provenance names its source by a SHA-256.</summary>
    Provenance = 4036,

    /// <summary>
    /// The pixels of a result do not overlap: its pitches nest. So the order of elements does not matter, and the work of an
    /// instruction is bounded by the memory that it writes.
    /// </summary>
    Pitches = 4037,

    /// <summary>
    /// An array or pool instruction has at most 2^36 products or taps, 2^30 weights, and source elements as the buffer has bytes; all
    /// instructions together do at most 2^48 products, elements and bytes. So a run ends, and cycles and counts stay inside 63 bits.
    /// </summary>
    Work = 4038,

    /// <summary>A local response keeps the shape, reads at most 16 bits, and has a valid constants block.</summary>
    LocalResponse = 4041,
}
