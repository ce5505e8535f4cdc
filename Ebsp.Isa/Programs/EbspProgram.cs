using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Programs;

/// <summary>A compiled network: what a .ebsp file holds. <c>ProgramReader.Open</c> gives only valid ones.</summary>
public sealed record EbspProgram
{
    /// <summary>The machine that the program was compiled for.</summary>
    public required ArchSpec Arch { get; init; }

    /// <summary>Input, output, labels and batch.</summary>
    public required ProgramIo Io { get; init; }

    /// <summary>Steps of HOST instructions.</summary>
    public ImmutableArray<HostStep> HostSteps { get; init; } = [];

    /// <summary>The instructions; the last one, and only it, is END.</summary>
    public required ImmutableArray<Instruction> Code { get; init; }

    /// <summary>Region weights: packed codes and biases as LOAD moves them; a multiple of 8 bytes.</summary>
    public required ReadOnlyMemory<byte> Weights { get; init; }

    /// <summary>Region tables: constants blocks and look-up tables; a multiple of 8 bytes.</summary>
    public required ReadOnlyMemory<byte> Tables { get; init; }

    /// <summary>Sizes of the regions that the host binds.</summary>
    public required RegionSizes Regions { get; init; }

    /// <summary>Names that MARK instructions refer to.</summary>
    public ImmutableArray<string> Symbols { get; init; } = [];

    /// <summary>Which layer and which tile an instruction works on.</summary>
    public required LayerMap Layers { get; init; }

    /// <summary>The integer graph for the reference executor, its weights pointing into region weights; opaque to the emulator.</summary>
    public ReadOnlyMemory<byte> Model { get; init; }

    /// <summary>Where the program comes from.</summary>
    public required Provenance Provenance { get; init; }

    /// <summary>Size of a region in bytes: from the file, or from the machine.</summary>
    public long SizeOf(Region region) => region switch
    {
        Region.Weights => Weights.Length,
        Region.Tables => Tables.Length,
        Region.Input => Regions.InputBytes,
        Region.Output => Regions.OutputBytes,
        Region.Arena => Regions.ArenaBytes,
        Region.Buffer => Arch.BufferBytes,
        _ => Arch.PsumBytes,
    };

    /// <summary>Layer, tile and assembly text of an instruction on one line, for messages.</summary>
    public string Describe(int instruction)
    {
        string tile = Layers.TileOf(instruction) is { } at ? $", tensor {Layers.Tensors[at.Tensor].Name}, tile at {at.Place}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"layer {Layers.LayerOf(instruction)}{tile}, instruction {instruction}: {Code[instruction]}");
    }
}

/// <summary>Sizes of the regions that are neither in the file nor in the machine, in bytes.</summary>
/// <param name="InputBytes">Region input.</param>
/// <param name="OutputBytes">Region output.</param>
/// <param name="ArenaBytes">Region arena.</param>
public sealed record RegionSizes(long InputBytes, long OutputBytes, long ArenaBytes);

/// <summary>What a HOST instruction computes.</summary>
public enum HostStepKind
{
    /// <summary>The elements in C order of N, C, H, W become those of the result, in the same order.</summary>
    Reorder = 0,

    /// <summary>Local response normalization across channels, by a table.</summary>
    LocalResponse = 1,
}

/// <summary>A step of the host section.</summary>
/// <param name="Kind">What is computed.</param>
/// <param name="Name">The layer that it comes from.</param>
public sealed record HostStep(HostStepKind Kind, string Name);

/// <summary>Where a program comes from; nothing in it depends on place, time or machine.</summary>
/// <param name="SourceSha256">SHA-256 of the model file, 64 lower-case hexadecimal digits.</param>
/// <param name="Options">Command-line options that shaped the program, canonical text.</param>
/// <param name="ToolVersion">Version of the compiler.</param>
public sealed record Provenance(string SourceSha256, string Options, string ToolVersion);
