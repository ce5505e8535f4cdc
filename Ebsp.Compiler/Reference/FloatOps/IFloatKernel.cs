namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>An operation on float32 tensors in H, W, C order. Kernels hold constants alone, so threads share them.</summary>
internal interface IFloatKernel
{
    /// <summary>Elements of scratch memory that a run needs; its content does not matter.</summary>
    int ScratchElements { get; }

    /// <summary>Runs the operation.</summary>
    /// <param name="a">First input; the buffer may be longer than the tensor.</param>
    /// <param name="b">Second input, or the first again.</param>
    /// <param name="output">All of the output.</param>
    /// <param name="scratch">Scratch memory.</param>
    void Run(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> output, Span<float> scratch);
}
