using System.Collections.Immutable;
using Ebsp.Compiler.Ir;

namespace Ebsp.Evaluation.Workloads;

/// <summary>What a layer does.</summary>
public enum LayerKind
{
    /// <summary>Convolution or fully connected layer: the layers that all machines are compared on.</summary>
    Convolution,

    /// <summary>Maximum over windows.</summary>
    MaxPool,

    /// <summary>Mean over windows.</summary>
    AveragePool,

    /// <summary>Sum of two maps.</summary>
    Add,

    /// <summary>Maps side by side.</summary>
    Concat,

    /// <summary>Another step between maps, such as a product, a table, a normalization.</summary>
    Other,
}

/// <summary>A layer as every machine sees it: its shape, no weights.</summary>
/// <param name="Name">Name in the network; unique in it.</param>
/// <param name="Kind">What it does.</param>
/// <param name="N">Images.</param>
/// <param name="K">Output channels.</param>
/// <param name="C">Input channels.</param>
/// <param name="H">Input rows.</param>
/// <param name="W">Input columns.</param>
/// <param name="Window">Kernel, strides, pads, dilations.</param>
/// <param name="Groups">G; C and K are multiples of it. Depthwise: G = C.</param>
/// <param name="Sources">The layers it reads, by their index in the network; -1 is the network's input.</param>
public sealed record LayerShape(
    string Name, LayerKind Kind, int N, int K, int C, int H, int W, KernelWindow Window, int Groups, ImmutableArray<int> Sources)
{
    /// <summary>Whether a last, partly empty window of a pool counts.</summary>
    public bool CeilMode { get; init; }

    /// <summary>Whether it reads the network's input and has weights: machines keep this layer at more bits.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Whether it is the last one with weights.</summary>
    public bool IsLast { get; init; }

    /// <summary>Output rows.</summary>
    public int P => Window.Output(H, W, CeilMode).Height;

    /// <summary>Output columns.</summary>
    public int Q => Window.Output(H, W, CeilMode).Width;

    /// <summary>Kernel rows.</summary>
    public int R => Window.KernelRows;

    /// <summary>Kernel columns.</summary>
    public int S => Window.KernelColumns;

    /// <summary>Whether the layer has weights.</summary>
    public bool HasWeights => Kind == LayerKind.Convolution;

    /// <summary>Whether each input channel is an output channel's only one.</summary>
    public bool IsDepthwise => Groups > 1 && Groups == C;

    /// <summary>Multiply-accumulates, taps on padding included: N*K*P*Q*R*S*C/G; 0 without weights.</summary>
    public long Macs => HasWeights ? (long)N * K * P * Q * R * S * (C / Groups) : 0;

    /// <summary>Weights: K*R*S*C/G; 0 for layers without.</summary>
    public long Weights => HasWeights ? (long)K * R * S * (C / Groups) : 0;

    /// <summary>Elements of the input of all images.</summary>
    public long Inputs => (long)N * C * H * W;

    /// <summary>Elements of the output of all images.</summary>
    public long Outputs => (long)N * K * P * Q;
}
