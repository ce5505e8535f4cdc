using System.Buffers.Binary;
using System.Globalization;
using Ebsp.Emulator;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reference;

/// <summary>Where a machine and the reference first disagree.</summary>
/// <param name="Layer">Layer of the source model.</param>
/// <param name="Tensor">Tensor of the integer graph.</param>
/// <param name="Instruction">Index of the instruction that completed the tile.</param>
/// <param name="Text">The instruction in assembly text.</param>
/// <param name="Tile">Number of the tile within its tensor, from 0, in program order.</param>
/// <param name="Place">The tile.</param>
/// <param name="Image">Image of the batch.</param>
/// <param name="Row">Row of the element.</param>
/// <param name="Column">Column of the element.</param>
/// <param name="Channel">Channel of the element.</param>
/// <param name="Expected">What the reference has.</param>
/// <param name="Actual">What the machine has; null where its code is no value of the format.</param>
public sealed record Divergence(
    string Layer, string Tensor, int Instruction, string Text, int Tile, MappedTile Place, int Image, int Row, int Column, int Channel,
        int Expected, int? Actual)
{
    /// <summary>One line that names layer, tile, instruction and element.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"layer {Layer}, tensor {Tensor}, tile {Tile} at {Place.Place}, instruction {Instruction}: {Text}; the element at image " +
            $"{Image}, row {Row}, column {Column}, channel {Channel} is {(object?)Actual ?? "no value"}, the reference has {Expected}");
}

/// <summary>
/// Compares every tile that a machine completes, partial sums after their last accumulating instruction included, with the integer
/// reference; an observer of a run.
/// </summary>
public sealed class TileComparison : IInstructionObserver
{
    private readonly EbspProgram _program;
    private readonly IReadOnlyList<ReferenceRun> _expected;
    private readonly Dictionary<int, (MappedTile Tile, int Number)> _tiles = [];

    /// <summary>Prepares a comparison.</summary>
    /// <param name="program">The program that runs.</param>
    /// <param name="expected">The reference's run of each image of the batch, those that only fill it included.</param>
    public TileComparison(EbspProgram program, IReadOnlyList<ReferenceRun> expected)
    {
        (_program, _expected) = (program, expected);
        int[] numbers = new int[program.Layers.Tensors.Length];
        foreach (MappedTile tile in program.Layers.Tiles)
            _tiles[tile.Instruction] = (tile, numbers[tile.Tensor]++);
    }

    /// <summary>The first difference in the order of execution, or null.</summary>
    public Divergence? First { get; private set; }

    /// <summary>Tiles compared.</summary>
    public long Tiles { get; private set; }

    /// <summary>Elements compared.</summary>
    public long Elements { get; private set; }

    /// <inheritdoc/>
    public void Executed(int instruction, MachineState state)
    {
        if (First is not null || !_tiles.TryGetValue(instruction, out (MappedTile Tile, int Number) mapped))
            return;
        Instruction code = _program.Code[instruction];
        // The layer map names instructions that write a feature map; the reader has checked it.
        (Region region, TensorOperand operand, Extents tile) = InstructionView.Of(code).Result!.Value;
        MappedTensor tensor = _program.Layers.Tensors[mapped.Tile.Tensor];
        ReadOnlySpan<byte> memory = state.Bytes(region);
        Tiles++;
        for (int n = 0; n < tile.Images; n++)
        {
            ReadOnlySpan<int> expected = _expected[mapped.Tile.FirstImage + n].Tensors[tensor.Name];
            for (int y = 0; y < tile.Rows; y++)
            {
                for (int x = 0; x < tile.Columns; x++)
                {
                    long pixel = operand.Address + n * operand.ImagePitch + y * operand.RowPitch + x * operand.PixelPitch;
                    int row = mapped.Tile.FirstRow + y, column = mapped.Tile.FirstColumn + x;
                    for (int c = 0; c < tile.Channels; c++)
                    {
                        int channel = mapped.Tile.FirstChannel + c;
                        int want = expected[(row * tensor.Width + column) * tensor.Channels + channel];
                        int have = Slot(memory, pixel + c * (long)operand.Format.SlotBytes, operand.Format);
                        Elements++;
                        if (have == SlotCode.Encode(want, operand.Format))
                            continue;
                        First = new Divergence(_program.Layers.LayerOf(instruction), tensor.Name, instruction, code.ToString(),
                            mapped.Number, mapped.Tile,
                            mapped.Tile.FirstImage + n, row, column, channel, want, SlotCode.TryDecode(have, operand.Format, out int value)
                                ? value
                                : null);
                        return;
                    }
                }
            }
        }
    }

    private static int Slot(ReadOnlySpan<byte> memory, long address, PatternFormat format) => format.SlotBytes switch
    {
        1 => memory[(int)address],
        2 => BinaryPrimitives.ReadInt16LittleEndian(memory[(int)address..]),
        _ => BinaryPrimitives.ReadInt32LittleEndian(memory[(int)address..]),
    };
}
