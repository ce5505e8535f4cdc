namespace Ebsp.Emulator.Fast.Kernels;

/// <summary>
/// Sixteen output channels of a run of pixels: Output[p * OutputPitch + j] = Start[j] (+ the old output) + sum over steps i, bytes b &lt; 4
/// of Source[Pixels[p] + Taps[i] + b] * Panel[i * PanelPitch + j * 4 + b], int32, wrapping. Sources are u8, panels s8 in -127..127. A panel
/// of fewer channels has a smaller pitch: what lies behind it is read as channels whose sums the caller drops.
/// </summary>
internal unsafe struct KernelCall
{
    public byte* Source;
    public int* Pixels;
    public int PixelCount;
    public int* Taps;
    public int Steps;
    public sbyte* Panel;
    public nint PanelPitch;
    public int* Start;
    public int* Output;
    public int OutputPitch;
    public bool Accumulate;
}

/// <summary>
/// The inner loops of the array instructions for one kind of host instructions. All give the same bits. They are compiled fully at their
/// first call: the first image of a process must not wait for the tiered compiler.
/// </summary>
internal abstract class ArrayKernel
{
    /// <summary>Output channels of a panel.</summary>
    public const int Width = 16;

    public abstract void Run(in KernelCall call);
}
