using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>What the instructions are for: reports, listings and comparisons read it; execution does not.</summary>
/// <param name="Layers">Names of the source model's layers.</param>
/// <param name="InstructionLayers">For each instruction the index of its layer; -1 for none.</param>
/// <param name="Tensors">The tensors that tiles belong to.</param>
/// <param name="Tiles">Tiles in the order of their instructions.</param>
public sealed record LayerMap(
    ImmutableArray<string> Layers, ImmutableArray<int> InstructionLayers, ImmutableArray<MappedTensor> Tensors,
        ImmutableArray<MappedTile> Tiles)
{
    /// <summary>Which tensors have their pixels in others; none in most programs.</summary>
    public ImmutableArray<MappedPart> Parts { get; init; } = [];

    /// <summary>A map that says nothing.</summary>
    public static LayerMap Empty(int instructions) => new([], [.. Enumerable.Repeat(-1, instructions)], [], []);

    /// <summary>The name of an instruction's layer, or "-".</summary>
    public string LayerOf(int instruction) => InstructionLayers[instruction] is var layer and >= 0 ? Layers[layer] : "-";

    /// <summary>The tile that an instruction completes, or null.</summary>
    public MappedTile? TileOf(int instruction)
    {
        int low = 0, high = Tiles.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Tiles[middle].Instruction < instruction)
                low = middle + 1;
            else
                high = middle;
        }

        return low < Tiles.Length && Tiles[low].Instruction == instruction ? Tiles[low] : null;
    }
}

/// <summary>A tensor of the integer graph.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Format">Its format; s32 for accumulators.</param>
public sealed record MappedTensor(string Name, int Channels, int Height, int Width, PatternFormat Format);

/// <summary>A tensor whose pixels lie between those of others in an assembled one.</summary>
/// <param name="Tensor">Index of the tensor.</param>
/// <param name="Into">Name of the assembled tensor, of as many channels.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Width">Its columns.</param>
/// <param name="First">Pixel of it, counted row by row, that is the tensor's first one.</param>
/// <param name="RowStep">Pixels from row to row of the tensor.</param>
/// <param name="ColumnStep">Pixels from column to column of the tensor.</param>
public sealed record MappedPart(int Tensor, string Into, int Height, int Width, int First, int RowStep, int ColumnStep);

/// <summary>
/// The tile of a tensor that an instruction completes: element (n, y, x, c) of what it writes is element (FirstImage + n, FirstRow + y,
/// FirstColumn + x, FirstChannel + c) of the tensor. A CONV whose sums a later one continues has no tile.
/// </summary>
/// <param name="Instruction">Index of the instruction.</param>
/// <param name="Tensor">Index of the tensor.</param>
/// <param name="FirstImage">First image.</param>
/// <param name="FirstRow">First row.</param>
/// <param name="FirstColumn">First column.</param>
/// <param name="FirstChannel">First channel.</param>
public readonly record struct MappedTile(int Instruction, int Tensor, int FirstImage, int FirstRow, int FirstColumn, int FirstChannel)
{
    /// <summary>Its first element, for messages.</summary>
    public string Place =>
        string.Create(CultureInfo.InvariantCulture, $"image {FirstImage}, row {FirstRow}, column {FirstColumn}, channel {FirstChannel}");
}
