using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Operations;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// The weights of one instruction, unpacked: for each group and block of 16 output channels a panel [steps][16][4] of s8, a step being four
/// source channels of one tap. Kept from run to run as long as the packed bytes in the buffer are the same.
/// </summary>
internal sealed class WeightPanels(ArrayOperation op)
{
    private byte[] _packed = [];

    /// <summary>Panels one after another; a second plane follows where magnitudes of 8 bits do not fit s8 (w = plane 0 + plane 1).</summary>
    public sbyte[] Panels { get; private set; } = [];

    /// <summary>Sum of the weights of each output channel: what a source raised by one adds.</summary>
    public int[] Sums { get; } = new int[op.Tile.Channels];

    public int Steps { get; } = op.Window.Taps * ((op.SrcChannels + 3) / 4);

    public int BlocksPerGroup { get; } = (op.GroupChannels + ArrayKernel.Width - 1) / ArrayKernel.Width;

    public int Planes { get; } = op.WeightFormat.MaxMagnitude > sbyte.MaxValue ? 2 : 1;

    public int PanelBytes => Steps * ArrayKernel.Width * 4;

    public int PlaneBytes => PanelBytes * BlocksPerGroup * op.Groups;

    /// <summary>Unpacks the weights if they have changed.</summary>
    /// <exception cref="EmulatorTrapException">A code is outside the format.</exception>
    public void Update(MachineState state)
    {
        ReadOnlySpan<byte> packed = state.Buffer.AsSpan(op.WeightAddress, (int)op.WeightBytes);
        if (Panels.Length > 0 && packed.SequenceEqual(_packed))
            return;
        short[] weights = new short[op.WeightCount];
        Slots.ReadWeights(state.Buffer, op, weights);
        _packed = packed.ToArray();
        if (Panels.Length == 0)
            Panels = GC.AllocateArray<sbyte>(PlaneBytes * Planes, pinned: true);
        int groupSteps = (op.SrcChannels + 3) / 4;
        int next = 0;
        for (int k = 0; k < op.Tile.Channels; k++)
        {
            int inGroup = k % op.GroupChannels;
            int panel = (k / op.GroupChannels * BlocksPerGroup + inGroup / ArrayKernel.Width) * PanelBytes + inGroup % ArrayKernel.Width * 4;
            int sum = 0;
            for (int tap = 0; tap < op.Window.Taps; tap++)
            {
                for (int c = 0; c < op.SrcChannels; c++)
                {
                    int weight = weights[next++];
                    sum += weight;
                    int at = panel + (tap * groupSteps + c / 4) * ArrayKernel.Width * 4 + c % 4;
                    int first = Planes == 1 ? weight : weight / 2;
                    Panels[at] = (sbyte)first;
                    if (Planes == 2)
                        Panels[PlaneBytes + at] = (sbyte)(weight - first);
                }
            }

            Sums[k] = sum;
        }
    }
}
