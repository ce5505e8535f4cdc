using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ebsp.Emulator.Operations;

namespace Ebsp.Emulator.Fast;

/// <summary>DEPTHWISE: sixteen channels side by side; no reduction over channels, so no panels.</summary>
internal sealed class DepthwiseUnit(bool vectors)
{
    private const int Lanes = 16;

    private readonly SourceStage _stage = new();

    public static bool Takes(ArrayOperation op) =>
        SourceStage.SizeOf(op.Window, op.Tile, op.Groups) >= 0 && op.Tile.Pixels < int.MaxValue / 4 && op.WeightFormat.MaxMagnitude <= sbyte.MaxValue;

    public unsafe void Execute(MachineState state, ArrayOperation op, DepthwisePlan plan)
    {
        plan.Update(state);
        byte bias = new SlotFormat(op.Source.Format).Bias;
        _stage.Fill(state, op.Index, op.Source, op.Window, op.Tile, op.Groups, bias);
        int padded = op.Tile.PaddedChannels;
        int* sums = stackalloc int[Lanes];
        fixed (byte* stage = _stage.Bytes)
        fixed (int* pixels = plan.Pixels, taps = plan.Taps, psums = state.PsumMemory)
        fixed (short* weights = plan.Weights)
        {
            for (int k = 0; k < padded; k += Lanes)
            {
                int lanes = Math.Min(Lanes, padded - k);
                for (int p = 0; p < plan.Pixels.Length; p++)
                {
                    byte* source = stage + pixels[p];
                    if (vectors && op.GroupChannels == 1)
                        SumVectors(source + k, taps, plan.Taps.Length, weights + k, plan.Pitch, sums);
                    else
                        SumScalars(source, taps, plan.Taps.Length, weights, plan.Pitch, k, op.GroupChannels, sums);
                    int* output = psums + op.PsumAddress / 4 + (nint)p * padded + k;
                    for (int j = 0; j < lanes; j++)
                    {
                        int start = k + j >= op.Tile.Channels ? 0
                            : op.Start switch { StartKind.Bias => Slots.Bias(state, op, k + j), StartKind.Accumulate => output[j], _ => 0 } - bias * plan.Sums[k + j];
                        output[j] = k + j >= op.Tile.Channels ? 0 : sums[j] + start;
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void SumScalars(byte* source, int* taps, int count, short* weights, nint pitch, int first, int multiplier, int* sums)
    {
        for (int j = 0; j < Lanes; j++)
        {
            int sum = 0;
            byte* channel = source + (first + j) / multiplier;
            short* weight = weights + first + j;
            for (int i = 0; i < count; i++, weight += pitch)
                sum += channel[taps[i]] * *weight;
            sums[j] = sum;
        }
    }

    // u8 x s8 is exact in int16.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void SumVectors(byte* source, int* taps, int count, short* weights, nint pitch, int* sums)
    {
        Vector128<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int i = 0; i < count; i++, weights += pitch)
        {
            (Vector128<ushort> a0, Vector128<ushort> a1) = Vector128.Widen(Vector128.Load(source + taps[i]));
            Vector128<short> p0 = a0.AsInt16() * Vector128.Load(weights);
            Vector128<short> p1 = a1.AsInt16() * Vector128.Load(weights + 8);
            sum0 += Vector128.WidenLower(p0);
            sum1 += Vector128.WidenUpper(p0);
            sum2 += Vector128.WidenLower(p1);
            sum3 += Vector128.WidenUpper(p1);
        }

        sum0.Store(sums);
        sum1.Store(sums + 4);
        sum2.Store(sums + 8);
        sum3.Store(sums + 12);
    }
}

/// <summary>What a DEPTHWISE keeps from run to run: offsets, and weights as [tap][channel] while the packed bytes stay the same.</summary>
internal sealed class DepthwisePlan(ArrayOperation op)
{
    private readonly ArrayPlan _offsets = new(op, withWeights: false);
    private byte[] _packed = [];

    public int[] Pixels => _offsets.Pixels;

    public int[] Taps => _offsets.Taps;

    /// <summary>Weights between taps.</summary>
    public int Pitch { get; } = op.Tile.PaddedChannels + 16;

    public short[] Weights { get; private set; } = [];

    public int[] Sums { get; } = new int[op.Tile.Channels];

    public void Update(MachineState state)
    {
        ReadOnlySpan<byte> packed = state.Buffer.AsSpan(op.WeightAddress, (int)op.WeightBytes);
        if (Weights.Length > 0 && packed.SequenceEqual(_packed))
            return;
        short[] weights = new short[op.WeightCount];
        Slots.ReadWeights(state.Buffer, op, weights);
        _packed = packed.ToArray();
        int taps = op.Window.Taps;
        Weights = new short[taps * Pitch];
        for (int k = 0; k < op.Tile.Channels; k++)
        {
            Sums[k] = 0;
            for (int tap = 0; tap < taps; tap++)
            {
                Weights[tap * Pitch + k] = weights[k * taps + tap];
                Sums[k] += weights[k * taps + tap];
            }
        }
    }
}
