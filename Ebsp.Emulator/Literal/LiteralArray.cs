using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Literal;

/// <summary>The PE array, product by product: operands are steered once at its edges, every product goes through the table.</summary>
internal sealed class LiteralArray(ProductTable table)
{
    private readonly ProcessingElement _element = new(table);
    private readonly int _patternLength = table.PatternLength;

    /// <summary>MATMUL, CONV and DEPTHWISE.</summary>
    public void Execute(MachineState state, ArrayInstruction op)
    {
        int[] weights = SteerWeights(state, op);
        Slots.Check(state, op.Index, op.Source,
            op.Tile with { Rows = op.TouchedRows, Columns = op.TouchedColumns, Channels = op.SrcChannels * op.Groups });
        int[] source = SteerSource(state, op);
        int padded = op.Tile.PaddedChannels;
        int pixel = op.PsumAddress / 4;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++, pixel += padded)
                    Pixel(state, op, source, weights, n, y, x, state.PsumMemory.AsSpan(pixel, padded));
            }
        }
    }

    private void Pixel(MachineState state, ArrayInstruction op, int[] source, int[] weights, int n, int y, int x, Span<int> psums)
    {
        KernelGeometry window = op.Kernel;
        int channels = op.SrcChannels * op.Groups;
        for (int k = 0; k < op.Tile.Channels; k++)
        {
            int sum = op.Start switch { StartKind.Bias => Slots.Bias(state, op, k), StartKind.Accumulate => psums[k], _ => 0 };
            int firstChannel = k / op.GroupChannels * op.SrcChannels;
            for (int r = 0; r < window.KernelRows; r++)
            {
                int row = y * window.StrideY + r * window.DilationY - window.PadTop;
                if (row < 0 || row >= window.SrcRows)
                    continue;
                for (int s = 0; s < window.KernelColumns; s++)
                {
                    int column = x * window.StrideX + s * window.DilationX - window.PadLeft;
                    if (column < 0 || column >= window.SrcColumns)
                        continue;
                    int from = ((n * op.TouchedRows + row) * op.TouchedColumns + column) * channels + firstChannel;
                    int with = (k * window.Taps + r * window.KernelColumns + s) * op.SrcChannels;
                    sum = _element.Accumulate(sum, source.AsSpan(from, op.SrcChannels), weights.AsSpan(with, op.SrcChannels));
                }
            }

            psums[k] = sum;
        }

        psums[op.Tile.Channels..].Clear();
    }

    private int[] SteerWeights(MachineState state, ArrayInstruction op)
    {
        short[] values = new short[op.WeightCount];
        Slots.ReadWeights(state.Buffer, op, 0, values);
        return Array.ConvertAll(values, value => ProcessingElement.SteerWeight(value, _patternLength));
    }

    private int[] SteerSource(MachineState state, ArrayInstruction op)
    {
        int channels = op.SrcChannels * op.Groups;
        int[] steered = new int[(long)op.Tile.Images * op.TouchedRows * op.TouchedColumns * channels];
        int next = 0;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.TouchedRows; y++)
            {
                for (int x = 0; x < op.TouchedColumns; x++)
                {
                    for (int c = 0; c < channels; c++)
                        steered[next++] = ProcessingElement.SteerActivation(Slots.Read(state.Buffer, op.Source, n, y, x, c),
                            _patternLength);
                }
            }
        }

        return steered;
    }
}
