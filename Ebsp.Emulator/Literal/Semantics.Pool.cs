using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Literal;

internal static partial class Semantics
{
    /// <summary>Maximum or sum over the taps that lie in the source; 0 where there is none.</summary>
    public static void Pool(MachineState state, PoolInstruction op)
    {
        CheckPool(state, op);
        Span<byte> target = op.Sum ? Slots.PsumBytes(state) : state.Buffer;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++)
                {
                    for (int c = 0; c < op.Tile.PaddedChannels; c++)
                        Slots.Write(target, op.Destination, n, y, x, c, c < op.Tile.Channels ? Under(state, op, n, y, x, c) : 0);
                }
            }
        }
    }

    public static void CheckPool(MachineState state, PoolInstruction op) => Slots.Check(state, op.Index, op.Source, op.Tile with
    {
        Rows = op.Kernel.TouchedRows(op.Tile.Rows),
        Columns = op.Kernel.TouchedColumns(op.Tile.Columns),
    });

    private static int Under(MachineState state, PoolInstruction op, int n, int y, int x, int c)
    {
        KernelGeometry window = op.Kernel;
        int? max = null;
        int sum = 0;
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
                int value = Slots.Read(state.Buffer, op.Source, n, row, column, c);
                max = Math.Max(max ?? value, value);
                sum = unchecked(sum + value);
            }
        }

        return op.Sum ? sum : max ?? 0;
    }
}
