using System.Buffers;
using System.Runtime.CompilerServices;
using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// The weights of array instructions, unpacked: for all tiles of a fold, and for all machines of a program together, so they do not change
/// any more once they are made.
/// </summary>
internal abstract class UnpackedWeights
{
    // Weights that are unpacked in one go.
    private const int Chunk = 4096;

    private protected UnpackedWeights(ArrayInstruction op) => Sums = new int[op.Tile.Channels];

    /// <summary>Sum of the weights of each output channel: what a source raised by one adds.</summary>
    public int[] Sums { get; }

    /// <summary>Unpacks what an instruction finds in the buffer.</summary>
    /// <exception cref="EmulatorTrapException">A code is outside the format.</exception>
    public static UnpackedWeights Of(ReadOnlySpan<byte> buffer, ArrayInstruction op)
    {
        UnpackedWeights weights = op.Opcode == Isa.Instructions.Opcode.Depthwise ? new DepthwiseWeights(op) : new WeightPanels(op);
        weights.Unpack(buffer, op);
        return weights;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Unpack(ReadOnlySpan<byte> buffer, ArrayInstruction op)
    {
        int reduction = (int)op.Reduction;
        int channels = Math.Max(1, Chunk / reduction);
        short[] weights = ArrayPool<short>.Shared.Rent(channels * reduction);
        for (int first = 0; first < op.Tile.Channels; first += channels)
        {
            int count = Math.Min(channels, op.Tile.Channels - first);
            Slots.ReadWeights(buffer, op, first, weights.AsSpan(0, count * reduction));
            for (int k = 0; k < count; k++)
            {
                ReadOnlySpan<short> channel = weights.AsSpan(k * reduction, reduction);
                int sum = 0;
                foreach (short weight in channel)
                    sum += weight;
                Sums[first + k] = sum;
                Place(first + k, channel);
            }
        }

        ArrayPool<short>.Shared.Return(weights);
    }

    /// <summary>Puts the weights [R][S][C] of an output channel where the kernels want them.</summary>
    protected abstract void Place(int k, ReadOnlySpan<short> weights);
}

/// <summary>
/// For MATMUL and CONV: for each group and block of 16 output channels, or of those that are left, a panel [steps][channels][4] of s8, a
/// step being four source channels of one tap. No channel is made up to fill a block: folds of 73 columns would take a tenth more.
/// </summary>
internal sealed class WeightPanels : UnpackedWeights
{
    /// <summary>Bytes of a channel in a step.</summary>
    public const int StepBytes = 4;

    private readonly ArrayInstruction _op;

    public WeightPanels(ArrayInstruction op)
        : base(op)
    {
        _op = op;
        Steps = op.Kernel.Taps * ((op.SrcChannels + 3) / 4);
        BlocksPerGroup = (op.GroupChannels + ArrayKernel.Width - 1) / ArrayKernel.Width;
        Planes = op.WeightFormat.MaxMagnitude > sbyte.MaxValue ? 2 : 1;
        // A kernel reads whole blocks, also behind the last panel.
        Panels = GC.AllocateArray<sbyte>(PlaneBytes * Planes + ArrayKernel.Width * StepBytes, pinned: true);
    }

    /// <summary>Panels one after another; a second plane follows where magnitudes of 8 bits do not fit s8 (w = plane 0 + plane
    /// 1).</summary>
    public sbyte[] Panels { get; }

    public int Steps { get; }

    public int BlocksPerGroup { get; }

    public int Planes { get; }

    public int PlaneBytes => _op.Tile.Channels * Steps * StepBytes;

    /// <summary>First byte of the panel of a block: all blocks before it in its group are full.</summary>
    public int PanelAt(int group, int block) => (group * _op.GroupChannels + block * ArrayKernel.Width) * Steps * StepBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Place(int k, ReadOnlySpan<short> weights)
    {
        int srcChannels = _op.SrcChannels;
        int inGroup = k % _op.GroupChannels;
        int block = inGroup / ArrayKernel.Width;
        int pitch = Math.Min(ArrayKernel.Width, _op.GroupChannels - block * ArrayKernel.Width) * StepBytes;
        int panel = PanelAt(k / _op.GroupChannels, block) + inGroup % ArrayKernel.Width * StepBytes;
        bool twoPlanes = Planes == 2;
        Span<sbyte> first = Panels, second = Panels.AsSpan(twoPlanes ? PlaneBytes : 0);
        // A step is four channels of a tap, the last one of a tap what is left.
        for (int at = panel; !weights.IsEmpty; )
        {
            for (int c = 0; c < srcChannels; c += StepBytes, at += pitch)
            {
                for (int i = 0; i < Math.Min(StepBytes, srcChannels - c); i++)
                {
                    int weight = weights[c + i], half = twoPlanes ? weight / 2 : weight;
                    first[at + i] = (sbyte)half;
                    if (twoPlanes)
                        second[at + i] = (sbyte)(weight - half);
                }
            }

            weights = weights[srcChannels..];
        }
    }
}

/// <summary>For DEPTHWISE: [tap][channel].</summary>
internal sealed class DepthwiseWeights(ArrayInstruction op) : UnpackedWeights(op)
{
    /// <summary>Weights between taps: channels, and as many more as a vector may read.</summary>
    public int Pitch { get; } = op.Tile.PaddedChannels + 16;

    public short[] Weights { get; } = new short[op.Kernel.Taps * (op.Tile.PaddedChannels + 16)];

    protected override void Place(int k, ReadOnlySpan<short> weights)
    {
        for (int tap = 0; tap < weights.Length; tap++)
            Weights[tap * Pitch + k] = weights[tap];
    }
}
