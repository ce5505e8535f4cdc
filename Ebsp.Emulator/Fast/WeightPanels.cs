using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Operations;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// The weights of array instructions, unpacked. Kept from run to run, and for all tiles of a fold together, as long as the packed bytes in the
/// buffer are the same: compared with the bytes in region weights that they were loaded from, so that no copy of them is needed.
/// </summary>
/// <param name="op">One of the instructions.</param>
/// <param name="source">Where the weights come from, as far as the order of the program tells; empty if it does not.</param>
internal abstract class UnpackedWeights(ArrayOperation op, ReadOnlyMemory<byte> source)
{
    // Weights that are unpacked in one go.
    private const int Chunk = 4096;

    private ReadOnlyMemory<byte> _packed;

    /// <summary>Sum of the weights of each output channel: what a source raised by one adds.</summary>
    public int[] Sums { get; } = new int[op.Tile.Channels];

    /// <summary>Unpacks the weights if they have changed.</summary>
    /// <param name="state">The memories.</param>
    /// <param name="user">The instruction that needs them.</param>
    /// <exception cref="EmulatorTrapException">A code is outside the format.</exception>
    public void Update(MachineState state, ArrayOperation user)
    {
        ReadOnlySpan<byte> packed = state.Buffer.AsSpan(user.WeightAddress, (int)user.WeightBytes);
        if (!_packed.IsEmpty && packed.SequenceEqual(_packed.Span))
            return;
        // A trap leaves panels that belong to nothing.
        _packed = default;
        int channels = Math.Max(1, Chunk / op.Reduction);
        short[] weights = new short[channels * op.Reduction];
        for (int first = 0; first < op.Tile.Channels; first += channels)
        {
            int count = Math.Min(channels, op.Tile.Channels - first);
            Slots.ReadWeights(state.Buffer, user, first, weights.AsSpan(0, count * op.Reduction));
            for (int k = 0; k < count; k++)
            {
                ReadOnlySpan<short> channel = weights.AsSpan(k * op.Reduction, op.Reduction);
                int sum = 0;
                foreach (short weight in channel)
                    sum += weight;
                Sums[first + k] = sum;
                Place(first + k, channel);
            }
        }

        _packed = packed.SequenceEqual(source.Span) ? source : packed.ToArray();
    }

    /// <summary>Puts the weights [R][S][C] of an output channel where the kernels want them.</summary>
    protected abstract void Place(int k, ReadOnlySpan<short> weights);
}

/// <summary>
/// For MATMUL and CONV: for each group and block of 16 output channels a panel [steps][16][4] of s8, a step being four source channels of one
/// tap.
/// </summary>
internal sealed class WeightPanels : UnpackedWeights
{
    private readonly ArrayOperation _op;

    public WeightPanels(ArrayOperation op, ReadOnlyMemory<byte> source)
        : base(op, source)
    {
        _op = op;
        Steps = op.Window.Taps * ((op.SrcChannels + 3) / 4);
        BlocksPerGroup = (op.GroupChannels + ArrayKernel.Width - 1) / ArrayKernel.Width;
        Planes = op.WeightFormat.MaxMagnitude > sbyte.MaxValue ? 2 : 1;
        Panels = GC.AllocateArray<sbyte>(PlaneBytes * Planes, pinned: true);
    }

    /// <summary>Panels one after another; a second plane follows where magnitudes of 8 bits do not fit s8 (w = plane 0 + plane 1).</summary>
    public sbyte[] Panels { get; }

    public int Steps { get; }

    public int BlocksPerGroup { get; }

    public int Planes { get; }

    public int PanelBytes => Steps * ArrayKernel.Width * 4;

    public int PlaneBytes => PanelBytes * BlocksPerGroup * _op.Groups;

    protected override void Place(int k, ReadOnlySpan<short> weights)
    {
        int groupSteps = (_op.SrcChannels + 3) / 4;
        int inGroup = k % _op.GroupChannels;
        int panel = (k / _op.GroupChannels * BlocksPerGroup + inGroup / ArrayKernel.Width) * PanelBytes + inGroup % ArrayKernel.Width * 4;
        int next = 0;
        for (int tap = 0; tap < _op.Window.Taps; tap++)
        {
            for (int c = 0; c < _op.SrcChannels; c++)
            {
                int weight = weights[next++];
                int at = panel + (tap * groupSteps + c / 4) * ArrayKernel.Width * 4 + c % 4;
                int first = Planes == 1 ? weight : weight / 2;
                Panels[at] = (sbyte)first;
                if (Planes == 2)
                    Panels[PlaneBytes + at] = (sbyte)(weight - first);
            }
        }
    }
}

/// <summary>For DEPTHWISE: [tap][channel].</summary>
internal sealed class DepthwiseWeights(ArrayOperation op, ReadOnlyMemory<byte> source) : UnpackedWeights(op, source)
{
    /// <summary>Weights between taps: channels, and as many more as a vector may read.</summary>
    public int Pitch { get; } = op.Tile.PaddedChannels + 16;

    public short[] Weights { get; } = new short[op.Window.Taps * (op.Tile.PaddedChannels + 16)];

    protected override void Place(int k, ReadOnlySpan<short> weights)
    {
        for (int tap = 0; tap < weights.Length; tap++)
            Weights[tap * Pitch + k] = weights[tap];
    }
}
