using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Literal;

/// <summary>Reads and writes slots one at a time, and finds the first one that is outside its format.</summary>
internal static class Slots
{
    public static long AddressOf(in TensorOperand operand, int n, int y, int x, int c) =>
        operand.Address + n * operand.ImagePitch + y * operand.RowPitch + x * operand.PixelPitch + c * operand.Format.SlotBytes;

    /// <summary>The bits of a slot: one byte zero-extended, int16 and int32 sign-extended.</summary>
    public static int ReadCode(ReadOnlySpan<byte> memory, long address, int slotBytes) => slotBytes switch
    {
        1 => memory[(int)address],
        2 => BinaryPrimitives.ReadInt16LittleEndian(memory[(int)address..]),
        _ => BinaryPrimitives.ReadInt32LittleEndian(memory[(int)address..]),
    };

    public static void WriteCode(Span<byte> memory, long address, int slotBytes, int code)
    {
        if (slotBytes == 1)
            memory[(int)address] = (byte)code;
        else if (slotBytes == 2)
            BinaryPrimitives.WriteInt16LittleEndian(memory[(int)address..], (short)code);
        else
            BinaryPrimitives.WriteInt32LittleEndian(memory[(int)address..], code);
    }

    /// <summary>The value of a checked slot.</summary>
    public static int Read(ReadOnlySpan<byte> memory, in TensorOperand operand, int n, int y, int x, int c)
    {
        _ = SlotCode.TryDecode(ReadCode(memory, AddressOf(operand, n, y, x, c), operand.Format.SlotBytes), operand.Format, out int value);
        return value;
    }

    public static void Write(Span<byte> memory, in TensorOperand operand, int n, int y, int x, int c, int value) =>
        WriteCode(memory, AddressOf(operand, n, y, x, c), operand.Format.SlotBytes, SlotCode.Encode(value, operand.Format));

    /// <summary>Traps at the first element, in the order n, y, x, c, that is outside the operand's format.</summary>
    public static void Check(MachineState state, int instruction, in TensorOperand operand, Extents tile)
    {
        PatternFormat format = operand.Format;
        for (int n = 0; n < tile.Images; n++)
        {
            for (int y = 0; y < tile.Rows; y++)
            {
                for (int x = 0; x < tile.Columns; x++)
                {
                    for (int c = 0; c < tile.Channels; c++)
                    {
                        long address = AddressOf(operand, n, y, x, c);
                        int code = ReadCode(state.Buffer, address, format.SlotBytes);
                        if (!SlotCode.TryDecode(code, format, out _))
                            throw new EmulatorTrapException(TrapKind.OperandFault, instruction, Region.Buffer, address,
                                $"slot 0x{code:x} is outside format {format}");
                    }
                }
            }
        }
    }

    /// <summary>The weights of an array instruction from an output channel on, [K][R][S][C]; traps at the first code that is outside the
    /// format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReadWeights(ReadOnlySpan<byte> buffer, ArrayInstruction op, int firstChannel, Span<short> weights)
    {
        int bits = op.WeightBits;
        Span<short> values = stackalloc short[1 << bits];
        for (int code = 0; code < values.Length; code++)
        {
            bool valid = op.Coding == WeightCoding.Plain
                ? SlotCode.TryDecode(code, op.WeightFormat, out int value)
                : WeightCode.TryDecode(code, op.WeightFormat, out value);
            values[code] = valid ? (short)value : short.MinValue;
        }

        int reduction = (int)op.Reduction;
        for (; !weights.IsEmpty; weights = weights[reduction..], firstChannel++)
        {
            int start = (int)(op.WeightAddress + firstChannel * op.ChannelWeightBytes), next = start;
            // The bits of the stream that have been read and not used, and how many they are.
            int held = 0, count = 0;
            for (int i = 0; i < reduction; i++)
            {
                if (count < bits)
                {
                    held |= buffer[next++] << count;
                    count += 8;
                }

                int code = held & ((1 << bits) - 1);
                if (values[code] == short.MinValue)
                    throw new EmulatorTrapException(TrapKind.OperandFault, op.Index, Region.Buffer, start + (long)i * bits / 8,
                        $"weight code 0x{code:x} is outside format {op.WeightFormat}");
                weights[i] = values[code];
                held >>= bits;
                count -= bits;
            }
        }
    }

    /// <summary>Bias of an output channel.</summary>
    public static int Bias(MachineState state, ArrayInstruction op, int k) =>
        BinaryPrimitives.ReadInt32LittleEndian(state.Buffer.AsSpan(op.BiasAddress + 4 * k));

    /// <summary>Partial sums as bytes.</summary>
    public static Span<byte> PsumBytes(MachineState state) => MemoryMarshal.AsBytes(state.PsumMemory.AsSpan());
}
