using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>DEPTHWISE: sixteen channels side by side; no reduction over channels, so no panels.</summary>
internal sealed class DepthwiseUnit(bool vectors, SourceStage stage)
{
    private const int Lanes = 16;

    public static bool Takes(ArrayInstruction op) =>
        SourceStage.SizeOf(op.Kernel, op.Tile, op.Groups) >= 0 && op.Tile.Pixels < int.MaxValue / 4
            && op.WeightFormat.MaxMagnitude <= sbyte.MaxValue;

    public unsafe void Execute(MachineState state, ArrayInstruction op, StageOffsets offsets, DepthwiseWeights unpacked)
    {
        byte bias = new SlotFormat(op.Source.Format).Bias;
        stage.Fill(state, op.Index, op.Source, op.Kernel, op.Tile, op.Groups, bias);
        int padded = op.Tile.PaddedChannels;
        int* start = stackalloc int[Lanes];
        fixed (byte* source = stage.Bytes)
        fixed (int* pixels = offsets.Pixels, taps = offsets.Taps, psums = state.PsumMemory)
        fixed (short* weights = unpacked.Weights)
        {
            int* output = psums + op.PsumAddress / 4;
            Block block = new()
            {
                Pixels = pixels, PixelCount = offsets.Pixels.Length, Taps = taps, TapCount = offsets.Taps.Length, Pitch = unpacked.Pitch,
                Start = start, OutputPitch = padded, Accumulate = op.Start == StartKind.Accumulate,
            };
            for (int k = 0; k < padded; k += Lanes)
            {
                for (int j = 0; j < Lanes; j++)
                    start[j] = k + j >= op.Tile.Channels
                        ? 0
                        : (op.Start == StartKind.Bias ? Slots.Bias(state, op, k + j) : 0) - bias * unpacked.Sums[k + j];
                block.Weights = weights + k;
                block.Output = output + k;
                block.Lanes = Math.Min(Lanes, padded - k);
                block.Source = source + k;
                if (vectors && op.GroupChannels == 1)
                    SumVectors(block);
                else
                    SumScalars(block, source, k, op.GroupChannels);
            }

            if (padded > op.Tile.Channels)
            {
                for (int p = 0; p < offsets.Pixels.Length; p++)
                    new Span<int>(output + (nint)p * padded + op.Tile.Channels, padded - op.Tile.Channels).Clear();
            }
        }
    }

    // Eight or sixteen channels of all pixels of a tile.
    private unsafe struct Block
    {
        public byte* Source;
        public int* Pixels;
        public int PixelCount;
        public int* Taps;
        public int TapCount;
        public short* Weights;
        public nint Pitch;
        public int* Start;
        public int* Output;
        public nint OutputPitch;
        public int Lanes;
        public bool Accumulate;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void SumScalars(in Block block, byte* source, int first, int multiplier)
    {
        for (int p = 0; p < block.PixelCount; p++)
        {
            int* output = block.Output + p * block.OutputPitch;
            for (int j = 0; j < block.Lanes; j++)
            {
                int sum = block.Start[j] + (block.Accumulate ? output[j] : 0);
                byte* channel = source + block.Pixels[p] + (first + j) / multiplier;
                short* weight = block.Weights + j;
                for (int i = 0; i < block.TapCount; i++, weight += block.Pitch)
                    sum += channel[block.Taps[i]] * *weight;
                output[j] = sum;
            }
        }
    }

    // u8 x s8 is exact in int16.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void SumVectors(in Block block)
    {
        int taps = block.TapCount;
        int* tap = block.Taps;
        nint pitch = block.Pitch;
        bool both = block.Lanes == Lanes;
        Vector256<int> start0 = Vector256.Load(block.Start), start1 = Vector256.Load(block.Start + 8);
        int* output = block.Output;
        for (int p = 0; p < block.PixelCount; p++, output += block.OutputPitch)
        {
            byte* source = block.Source + block.Pixels[p];
            short* weights = block.Weights;
            Vector256<int> sum0 = start0, sum1 = start1;
            if (block.Accumulate)
            {
                sum0 += Vector256.Load(output);
                sum1 += both ? Vector256.Load(output + 8) : default;
            }

            for (int i = 0; i < taps; i++, weights += pitch)
            {
                Vector256<short> a = Vector256.WidenLower(Vector128.Load(source + tap[i]).ToVector256Unsafe()).AsInt16();
                Vector256<short> product = a * Vector256.Load(weights);
                sum0 += Vector256.WidenLower(product);
                sum1 += Vector256.WidenUpper(product);
            }

            sum0.Store(output);
            if (both)
                sum1.Store(output + 8);
        }
    }
}
