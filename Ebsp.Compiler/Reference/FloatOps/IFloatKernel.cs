namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>
/// An operation on float32 tensors in H, W, C order. Kernels hold constants alone, so threads share them. A vector lane is an output
/// channel and every sum has one order with fused steps, so the bits are the same at every vector width.
/// </summary>
internal interface IFloatKernel
{
    /// <summary>Elements of scratch memory that a run needs; its content does not matter.</summary>
    int ScratchElements { get; }

    /// <summary>Runs the operation.</summary>
    /// <param name="inputs">The inputs in order; a buffer may be longer than its tensor.</param>
    /// <param name="output">All of the output.</param>
    /// <param name="scratch">Scratch memory.</param>
    void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch);
}
