using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>POOL of one-byte slots over a staged source: raised signed values keep their order, and sums are corrected by what they were
/// raised.</summary>
internal sealed class PoolUnit(bool vectors, SourceStage stages)
{
    private byte[] _row = [];

    public static bool Takes(PoolInstruction op)
    {
        // A maximum that overwrites its own source reads what it wrote: the definition's order decides.
        TensorOperand from = op.Source;
        TensorOperand to = op.Destination;
        bool apart = op.Sum || from.EndOf(op.Tile.Images, op.Kernel.SrcRows, op.Kernel.SrcColumns,
            op.Tile.PaddedChannels) <= to.Address
            || to.EndOf(op.Tile.Images, op.Tile.Rows, op.Tile.Columns, op.Tile.PaddedChannels) <= from.Address;
        return apart && from.Format.SlotBytes == 1 && SourceStage.SizeOf(op.Kernel, op.Tile, op.Tile.Channels) >= 0;
    }

    public unsafe void Execute(MachineState state, PoolInstruction op)
    {
        KernelGeometry window = op.Kernel;
        SlotFormat format = new(op.Source.Format);
        // Padding is zero in a sum; in a maximum it is below every value.
        stages.Fill(state, op.Index, op.Source, window, op.Tile, op.Tile.Channels, op.Sum ? format.Bias : (byte)0);
        int channels = op.Tile.Channels;
        int padded = op.Tile.PaddedChannels;
        int rows = window.SpanRows(op.Tile.Rows);
        int columns = window.SpanColumns(op.Tile.Columns);
        int correction = format.Bias * window.Taps;
        if (_row.Length < padded + 64)
            _row = new byte[padded + 64];
        fixed (byte* stage = stages.Bytes, buffer = state.Buffer, row = _row)
        fixed (int* psums = state.PsumMemory)
        {
            for (int n = 0; n < op.Tile.Images; n++)
            {
                for (int y = 0; y < op.Tile.Rows; y++)
                {
                    for (int x = 0; x < op.Tile.Columns; x++)
                    {
                        byte* first = stage + ((long)(n * rows + y * window.StrideY) * columns + x * window.StrideX) * padded;
                        nint nextRow = (nint)window.DilationY * columns * padded;
                        nint nextColumn = (nint)window.DilationX * padded;
                        long target = Slots.AddressOf(op.Destination, n, y, x, 0);
                        if (op.Sum)
                        {
                            int* sums = psums + target / 4;
                            Sum(first, window, nextRow, nextColumn, sums, padded);
                            for (int c = 0; c < padded; c++)
                                sums[c] = c < channels ? sums[c] - correction : 0;
                        }
                        else
                        {
                            Max(first, window, nextRow, nextColumn, row, padded);
                            if (format.Bias == 0)
                                new Span<byte>(row, channels).CopyTo(new Span<byte>(buffer + target, channels));
                            else
                                format.ConvertBack(row, buffer + target, channels);
                            new Span<byte>(buffer + target + channels, padded - channels).Clear();
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Max(byte* first, KernelGeometry window, nint nextRow, nint nextColumn, byte* row, int padded)
    {
        int step = vectors ? padded % 16 == 0 ? 16 : 8 : 1;
        for (int c = 0; c < padded; c += step)
        {
            Vector128<byte> max = default;
            byte scalar = 0;
            for (int r = 0; r < window.KernelRows; r++)
            {
                byte* tap = first + r * nextRow + c;
                for (int s = 0; s < window.KernelColumns; s++, tap += nextColumn)
                {
                    if (vectors)
                        max = Vector128.Max(max, Vector128.Load(tap));
                    else
                        scalar = Math.Max(scalar, *tap);
                }
            }

            if (vectors)
                max.Store(row + c);
            else
                row[c] = scalar;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Sum(byte* first, KernelGeometry window, nint nextRow, nint nextColumn, int* sums, int padded)
    {
        int* scalars = stackalloc int[8];
        for (int c = 0; c < padded; c += 8)
        {
            Vector128<int> low = default, high = default;
            if (!vectors)
                new Span<int>(scalars, 8).Clear();
            for (int r = 0; r < window.KernelRows; r++)
            {
                byte* tap = first + r * nextRow + c;
                for (int s = 0; s < window.KernelColumns; s++, tap += nextColumn)
                {
                    if (vectors)
                    {
                        Vector128<ushort> words = Vector128.WidenLower(Vector128.Create(*(ulong*)tap, 0).AsByte());
                        low += Vector128.WidenLower(words).AsInt32();
                        high += Vector128.WidenUpper(words).AsInt32();
                    }
                    else
                    {
                        for (int j = 0; j < 8; j++)
                            scalars[j] += tap[j];
                    }
                }
            }

            if (vectors)
            {
                low.Store(scalars);
                high.Store(scalars + 4);
            }

            new ReadOnlySpan<int>(scalars, 8).CopyTo(new Span<int>(sums + c, 8));
        }
    }
}
