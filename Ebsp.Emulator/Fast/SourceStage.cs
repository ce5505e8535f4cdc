using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// The source tile of an instruction as u8, padding included: [n][row][column][channels in groups of 8], rows and columns from the first
/// tap to the last. Signed values are raised by 128; what padding is, the caller says. Formats are checked on the way.
/// </summary>
internal sealed class SourceStage
{
    private const long MaxBytes = 1 << 28;

    // A kernel reads 4 bytes at a tap, a channel loop up to 64.
    private const int Slack = 64;

    private byte[] _bytes = [];

    /// <summary>The staged bytes; valid after <see cref="Fill"/> until the next one.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>Bytes of a stage, or -1 if it is too large to be worth it.</summary>
    public static long SizeOf(KernelGeometry window, Extents tile, int channels)
    {
        long bytes = (long)window.SpanRows(tile.Rows) * window.SpanColumns(tile.Columns);
        bytes = bytes > MaxBytes
            ? bytes
            : bytes * tile.Images > MaxBytes ? bytes * tile.Images : bytes * tile.Images * ((channels + 7) / 8 * 8);
        return bytes > MaxBytes ? -1 : bytes;
    }

    /// <summary>Copies, checks and converts a tile.</summary>
    /// <exception cref="EmulatorTrapException">A slot is outside the format.</exception>
    public unsafe void Fill(MachineState state, int instruction, in TensorOperand source, KernelGeometry window, Extents tile, int channels,
        byte padding)
    {
        SlotFormat format = new(source.Format);
        int rows = window.SpanRows(tile.Rows);
        int columns = window.SpanColumns(tile.Columns);
        int pixelBytes = (channels + 7) / 8 * 8;
        int touchedRows = window.TouchedRows(tile.Rows);
        int touchedColumns = window.TouchedColumns(tile.Columns);
        int left = Math.Min(window.PadLeft, columns);
        int right = columns - left - touchedColumns;
        long size = SizeOf(window, tile, channels) + Slack;
        if (_bytes.Length < size)
            _bytes = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
        bool valid = true;
        fixed (byte* buffer = state.Buffer, stage = _bytes)
        {
            byte* target = stage;
            for (int n = 0; n < tile.Images; n++)
            {
                for (int y = 0; y < rows; y++)
                {
                    int row = y - window.PadTop;
                    if (row < 0 || row >= touchedRows || touchedColumns == 0)
                    {
                        target = Pad(target, (nint)columns * pixelBytes, padding);
                        continue;
                    }

                    target = Pad(target, (nint)left * pixelBytes, padding);
                    byte* from = buffer + source.Address + n * source.ImagePitch + row * source.RowPitch;
                    if (source.PixelPitch == pixelBytes)
                    {
                        valid &= format.Convert(from, target, (nint)touchedColumns * pixelBytes);
                        target += (nint)touchedColumns * pixelBytes;
                    }
                    else
                    {
                        for (int x = 0; x < touchedColumns; x++, from += source.PixelPitch, target += pixelBytes)
                            valid &= format.Convert(from, target, pixelBytes);
                    }

                    target = Pad(target, (nint)right * pixelBytes, padding);
                }
            }
        }

        // Padding channels were looked at too; they are nobody's operands, so only the exact check decides.
        if (!valid)
            Slots.Check(state, instruction, source, tile with { Rows = touchedRows, Columns = touchedColumns, Channels = channels });
    }

    /// <summary>Traps as <see cref="Slots.Check"/> does, faster.</summary>
    public static unsafe void Check(MachineState state, int instruction, in TensorOperand operand, Extents tile)
    {
        PatternFormat format = operand.Format;
        SlotFormat slots = format.Bits <= 8 ? new SlotFormat(format) : default;
        nint pixelBytes = (nint)TensorOperand.PixelBytes(tile.Channels, format);
        bool dense = operand.PixelPitch == pixelBytes;
        nint count = dense ? pixelBytes * tile.Columns : pixelBytes;
        bool valid = true;
        fixed (byte* buffer = state.Buffer)
        {
            for (int n = 0; n < tile.Images; n++)
            {
                for (int y = 0; y < tile.Rows; y++)
                {
                    byte* row = buffer + operand.Address + n * operand.ImagePitch + y * operand.RowPitch;
                    for (int x = 0; x < (dense ? 1 : tile.Columns); x++, row += operand.PixelPitch)
                    {
                        valid &= format.SlotBytes switch
                        {
                            1 => slots.AreValid(row, count),
                            2 => !new ReadOnlySpan<short>(row, (int)(count / 2)).Contains(short.MinValue),
                            _ => !new ReadOnlySpan<int>(row, (int)(count / 4)).Contains(int.MinValue),
                        };
                    }
                }
            }
        }

        if (!valid)
            Slots.Check(state, instruction, operand, tile);
    }

    private static unsafe byte* Pad(byte* target, nint count, byte value)
    {
        if (count > 0)
            new Span<byte>(target, (int)count).Fill(value);
        return target + count;
    }
}
