using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// MATMUL and CONV by whole tiles: the source is staged once, the weights stand in panels, and a kernel walks both through a table of pixel
/// offsets and a table of tap offsets, so that no element is copied a tap.
/// </summary>
internal sealed class ArrayUnit(ArrayKernel kernel, SourceStage stage)
{
    // Pixels of a kernel call whose sums go through a scratch tile.
    private const int ScratchPixels = 48;

    private readonly int[] _scratch = GC.AllocateArray<int>(ScratchPixels * ArrayKernel.Width, pinned: true);

    /// <summary>Whether the tile is one that this unit takes.</summary>
    public static bool Takes(ArrayInstruction op) =>
        SourceStage.SizeOf(op.Kernel, op.Tile, op.SrcChannels * op.Groups) >= 0 && op.Tile.Pixels < int.MaxValue / 4
        && (long)op.Groups * ((op.GroupChannels + 15) / 16) * op.Kernel.Taps * ((op.SrcChannels + 3) / 4) < int.MaxValue / 128;

    public unsafe void Execute(MachineState state, ArrayInstruction op, StageOffsets offsets, WeightPanels weights)
    {
        byte bias = new SlotFormat(op.Source.Format).Bias;
        stage.Fill(state, op.Index, op.Source, op.Kernel, op.Tile, op.SrcChannels * op.Groups, bias);
        int padded = op.Tile.PaddedChannels;
        int* start = stackalloc int[ArrayKernel.Width];
        fixed (byte* source = stage.Bytes)
        fixed (int* pixels = offsets.Pixels, taps = offsets.Taps, psums = state.PsumMemory)
        fixed (sbyte* panels = weights.Panels)
        {
            int* output = psums + op.PsumAddress / 4;
            KernelCall call = new() { Pixels = pixels, PixelCount = offsets.Pixels.Length, Taps = taps, Steps = weights.Steps,
                Start = start, OutputPitch = padded };
            for (int group = 0; group < op.Groups; group++)
            {
                call.Source = source + group * op.SrcChannels;
                for (int block = 0; block < weights.BlocksPerGroup; block++)
                {
                    int first = group * op.GroupChannels + block * ArrayKernel.Width;
                    int channels = Math.Min(ArrayKernel.Width, op.GroupChannels - block * ArrayKernel.Width);
                    for (int j = 0; j < ArrayKernel.Width; j++)
                        start[j] = j >= channels
                            ? 0
                            : (op.Start == StartKind.Bias ? Slots.Bias(state, op, first + j) : 0) - bias * weights.Sums[first + j];
                    call.Output = output + first;
                    call.Panel = panels + weights.PanelAt(group, block);
                    call.PanelPitch = channels * WeightPanels.StepBytes;
                    call.Accumulate = op.Start == StartKind.Accumulate;
                    Run(call, channels);
                    if (weights.Planes == 2)
                    {
                        new Span<int>(start, ArrayKernel.Width).Clear();
                        call.Panel += weights.PlaneBytes;
                        call.Accumulate = true;
                        Run(call, channels);
                    }
                }
            }

            if (padded > op.Tile.Channels)
            {
                for (int p = 0; p < offsets.Pixels.Length; p++)
                    new Span<int>(output + (nint)p * padded + op.Tile.Channels, padded - op.Tile.Channels).Clear();
            }
        }
    }

    // A block of fewer than 16 channels goes through a scratch tile: its neighbors in psum memory are not its own.
    private unsafe void Run(in KernelCall call, int channels)
    {
        if (channels == ArrayKernel.Width)
        {
            kernel.Run(call);
            return;
        }

        fixed (int* scratch = _scratch)
        {
            KernelCall part = call;
            part.Output = scratch;
            part.OutputPitch = ArrayKernel.Width;
            part.Accumulate = false;
            for (int p = 0; p < call.PixelCount; p += ScratchPixels)
            {
                part.Pixels = call.Pixels + p;
                part.PixelCount = Math.Min(ScratchPixels, call.PixelCount - p);
                kernel.Run(part);
                for (int i = 0; i < part.PixelCount; i++)
                {
                    int* from = scratch + i * ArrayKernel.Width;
                    int* to = call.Output + (nint)(p + i) * call.OutputPitch;
                    for (int j = 0; j < channels; j++)
                        to[j] = from[j] + (call.Accumulate ? to[j] : 0);
                }
            }
        }
    }
}
