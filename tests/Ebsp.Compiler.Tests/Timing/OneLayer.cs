using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Timing;

/// <summary>A network of one convolution or fully connected layer (1 x 1 on 1 x 1) with int32 scores, as the compiler takes it.</summary>
internal sealed record OneLayer(int Batch, Shape Input, int Outputs, int Groups, KernelWindow KernelWindow, PatternFormat Activations,
    PatternFormat Weights, bool Offsets)
{
    /// <summary>Taps.</summary>
    public int Taps => KernelWindow.KernelRows * KernelWindow.KernelColumns;

    /// <summary>Input channels of a group.</summary>
    public int GroupInputs => Input.Channels / Groups;

    /// <summary>Whether the compiler takes DEPTHWISE.</summary>
    public bool IsDepthwise => Groups > 1 && Groups == Input.Channels;

    /// <summary>Output rows.</summary>
    public int Rows => (Input.Height + KernelWindow.PadTop + KernelWindow.PadBottom - KernelWindow.SpanRows) / KernelWindow.StrideY + 1;

    /// <summary>Output columns.</summary>
    public int Columns => (Input.Width + KernelWindow.PadLeft + KernelWindow.PadRight - KernelWindow.SpanColumns) / KernelWindow.StrideX
        + 1;

    /// <summary>The integer graph; time does not depend on the weights, so they are zero. Multipliers differ, so every fold has its own
    /// constants.</summary>
    public Graph ToGraph()
    {
        GraphBuilder builder = new("one", "input", Input, new InputEncoding(Activations, 1, 1));
        builder.Add("layer", new IntegerConv(Outputs, KernelWindow, Groups, Weights, [.. new sbyte[Outputs * GroupInputs * Taps]],
            [.. new int[Outputs]]), ["input"], "layer.acc");
        builder.Add("scores",
            new Requantize([.. Enumerable.Range(1, Outputs)], false, 0, Offsets ? [.. new long[Outputs]] : [], 1, -int.MaxValue,
            int.MaxValue, PatternFormat.Int32), ["layer.acc"], "scores");
        return builder.Build("scores");
    }
}
