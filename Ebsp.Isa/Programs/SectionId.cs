namespace Ebsp.Isa.Programs;

/// <summary>Sections of a .ebsp file, all present, in this order.</summary>
public enum SectionId
{
    /// <summary>The machine, as canonical JSON.</summary>
    Arch = 1,

    /// <summary>Input, output, labels and batch.</summary>
    Io = 2,

    /// <summary>Steps of HOST instructions.</summary>
    Host = 3,

    /// <summary>Instruction words, 64 bytes each.</summary>
    Code = 4,

    /// <summary>Region weights.</summary>
    Weights = 5,

    /// <summary>Region tables.</summary>
    Tables = 6,

    /// <summary>Sizes of the other DRAM regions.</summary>
    Regions = 7,

    /// <summary>Names for MARK.</summary>
    Symbols = 8,

    /// <summary>The layer map.</summary>
    Layers = 9,

    /// <summary>The integer graph, opaque here.</summary>
    Model = 10,

    /// <summary>Where the program comes from.</summary>
    Provenance = 11,
}
