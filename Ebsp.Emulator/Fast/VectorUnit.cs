using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Literal;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Fast;

/// <summary>VECTOR by runs of elements: operands become int32, then one kernel call requantizes, another encodes slots.</summary>
internal sealed class VectorUnit(VectorKernel kernel)
{
    private int[] _a = [];
    private int[] _b = [];
    private int[] _results = [];

    // Multipliers that depend on the pixel.
    private int[] _multipliers = [];
    private byte[] _slots = [];

    /// <summary>Whether the operands' layouts allow runs: the result must not overwrite an element that is still to be read.</summary>
    public static bool Takes(VectorOperation op)
    {
        long pixelBytes = TensorOperand.PixelBytes(op.Tile.Channels, op.Destination.Format);
        bool ordered = op.Destination.PixelPitch >= pixelBytes || op.Tile.Columns == 1;
        ordered &= op.Destination.RowPitch >= (op.Tile.Columns - 1) * op.Destination.PixelPitch + pixelBytes || op.Tile.Rows == 1;
        ordered &= op.Destination.ImagePitch >= (op.Tile.Rows - 1) * op.Destination.RowPitch
            + (op.Tile.Columns - 1) * op.Destination.PixelPitch + pixelBytes || op.Tile.Images == 1;
        return ordered && (!op.Product
            || (!op.FromPsum && op.Source.Format.Bits <= 16 && (op.AddChannels == 0 || op.Add.Format.Bits <= 16)))
            && (op.FromPsum || IsApart(op, op.Source, op.Tile.Channels, inPlace: true))
            && (op.AddChannels == 0 || IsApart(op, op.Add, op.AddChannels, inPlace: op.AddFirst == 0));
    }

    public unsafe void Execute(MachineState state, VectorOperation op, VectorPlan plan)
    {
        if (!op.FromPsum)
            SourceStage.Check(state, op.Index, op.Source, op.Tile);
        if (op.AddChannels > 0)
            SourceStage.Check(state, op.Index, op.Add, op.Tile with { Channels = op.AddChannels });
        VectorConstants constants = op.Constants;
        Extents walk = plan.Walk;
        int channels = op.Tile.Channels;
        Reserve(plan.ChunkPixels * channels + 2 * VectorKernel.Granule);
        if (constants.Counted is not null && _multipliers.Length < plan.Rows.Period)
            _multipliers = new int[plan.Rows.Period];
        // Channels without operand b have b = 0.
        if (op.AddChannels is > 0 and var added && added < channels)
            _b.AsSpan(0, plan.ChunkPixels * channels).Clear();
        fixed (byte* buffer = state.Buffer, slots = _slots)
        fixed (int* psums = state.PsumMemory, a = _a, b = _b, m = constants.Counted is null ? plan.Rows.M : _multipliers,
            result = _results)
        fixed (long* evenD = plan.Rows.EvenD, oddD = plan.Rows.OddD)
        {
            RequantizeCall call = new()
            {
                M = m, EvenD = evenD, OddD = oddD, Second = constants.SecondMultiplier, Shift = constants.Shift, Lo = constants.Lo,
                    Hi = constants.Hi, Period = plan.Rows.Period,
            };
            for (int n = 0; n < walk.Images; n++)
            {
                for (int y = 0; y < walk.Rows; y++)
                {
                    for (int x = 0; x < walk.Columns; x += plan.ChunkPixels)
                    {
                        int pixels = Math.Min(plan.ChunkPixels, walk.Columns - x);
                        call.Count = pixels * channels;
                        if (constants.Counted is not null)
                            new Span<int>(m, channels).Fill(constants.MultiplierAt(0, y, x));
                        byte* source = (op.FromPsum ? (byte*)psums : buffer) + Slots.AddressOf(op.Source, n, y, x, 0);
                        call.A = op.FromPsum && call.Count % VectorKernel.Granule == 0 ? (int*)source : a;
                        if (call.A == a)
                            Decode(source, op.Source.Format, a, call.Count);
                        call.B = op.AddChannels == 0 ? null : b;
                        for (int i = 0; i < pixels && op.AddChannels > 0; i += plan.AddPixels)
                            Decode(buffer + Slots.AddressOf(op.Add, n, y, x + i, 0), op.Add.Format, b + i * channels + op.AddFirst,
                                Math.Min(plan.AddPixels, pixels - i) * op.AddChannels);
                        if (op.Product)
                        {
                            for (int i = 0; i < call.Count; i++)
                                a[i] = call.B == null ? 0 : a[i] * b[i];
                            call.B = null;
                        }

                        Write(op, plan, call, result, slots, buffer + Slots.AddressOf(op.Destination, n, y, x, 0));
                    }
                }
            }
        }
    }

    private void Reserve(int elements)
    {
        if (_a.Length >= elements)
            return;
        (_a, _b, _results, _slots) = (new int[elements], new int[elements], new int[elements], new byte[elements]);
    }

    private unsafe void Decode(byte* source, PatternFormat format, int* values, int count)
    {
        if (format.SlotBytes == 4)
        {
            new ReadOnlySpan<int>(source, count).CopyTo(new Span<int>(values, count));
        }
        else if (format.SlotBytes == 2)
        {
            for (int i = 0; i < count; i++)
                values[i] = ((short*)source)[i];
        }
        else
        {
            byte sign = format.Signed ? (byte)(1 << (format.Bits - 1)) : (byte)0;
            int whole = count / VectorKernel.Granule * VectorKernel.Granule;
            kernel.Decode(source, values, whole, sign);
            for (int i = whole; i < count; i++)
                values[i] = (source[i] & sign) != 0 ? -(source[i] ^ sign) : source[i];
        }
    }

    private unsafe void Write(VectorOperation op, VectorPlan plan, in RequantizeCall call, int* results, byte* slots, byte* target)
    {
        int slotBytes = op.Destination.Format.SlotBytes;
        if (slotBytes == 1)
        {
            bool direct = call.Count % VectorKernel.Granule == 0;
            kernel.RequantizeToSlots(call, results, direct ? target : slots, plan.Encoding, plan.Table);
            if (!direct)
                new ReadOnlySpan<byte>(slots, call.Count).CopyTo(new Span<byte>(target, call.Count));
        }
        else
        {
            // Plain formats: the clamp has bounded the value, the first term is the value and leaves nothing.
            kernel.Requantize(call, results);
            for (int i = 0; i < call.Count; i++)
            {
                int value = op.Term == ResultTerm.Second ? 0 : results[i];
                if (slotBytes == 2)
                    ((short*)target)[i] = (short)value;
                else
                    ((int*)target)[i] = value;
            }
        }

        int padding = op.Tile.PaddedChannels - op.Tile.Channels;
        if (padding > 0)
            new Span<byte>(target + op.Tile.Channels * slotBytes, padding * slotBytes).Clear();
    }

    private static bool IsApart(VectorOperation op, in TensorOperand source, int channels, bool inPlace)
    {
        TensorOperand to = op.Destination;
        long sourceEnd = source.EndOf(op.Tile.Images, op.Tile.Rows, op.Tile.Columns, TensorOperand.PixelBytes(channels, source.Format));
        long toEnd = to.EndOf(op.Tile.Images, op.Tile.Rows, op.Tile.Columns, TensorOperand.PixelBytes(op.Tile.Channels, to.Format));
        bool same = inPlace && source.Address == to.Address && source.PixelPitch == to.PixelPitch && source.RowPitch == to.RowPitch
            && source.ImagePitch == to.ImagePitch && source.Format.SlotBytes == to.Format.SlotBytes;
        return same || sourceEnd <= to.Address || toEnd <= source.Address;
    }
}
