using System.Collections.Immutable;

namespace Ebsp.Compiler.Ir;

/// <summary>Convolution of float32 tensors.</summary>
/// <param name="OutputChannels">K.</param>
/// <param name="Geometry">Kernel, strides, pads, dilations.</param>
/// <param name="Groups">G; C and K are multiples of it. Depthwise: G = C.</param>
/// <param name="Weights">[K, C/G, R, S], C order.</param>
/// <param name="Bias">[K]; zeros where the model has none.</param>
public sealed record Conv(int OutputChannels, KernelWindow Geometry, int Groups, ImmutableArray<float> Weights, ImmutableArray<float> Bias)
    : Op
{
    /// <summary>
    /// Steps of the grid on which the weights of an already quantized model lie: one, or [K]; each weight is a whole number of steps,
    /// at most 255. Empty for float weights.
    /// </summary>
    public ImmutableArray<float> WeightSteps { get; init; } = [];
}

/// <summary>Fully connected layer over a whole feature map, flattened in C, H, W order (ONNX Flatten, Reshape).</summary>
/// <param name="OutputChannels">K.</param>
/// <param name="Weights">[K, C*H*W], C order.</param>
/// <param name="Bias">[K]; zeros where the model has none.</param>
public sealed record FullyConnected(int OutputChannels, ImmutableArray<float> Weights, ImmutableArray<float> Bias) : Op
{
    /// <summary>As <see cref="Conv.WeightSteps"/>.</summary>
    public ImmutableArray<float> WeightSteps { get; init; } = [];
}

/// <summary>y = x * Factor[c] + Offset[c]: batch normalization at inference, and constants added or multiplied by channel.</summary>
/// <param name="Factor">[C].</param>
/// <param name="Offset">[C].</param>
public sealed record ChannelAffine(ImmutableArray<float> Factor, ImmutableArray<float> Offset) : Op;

/// <summary>min(max(x, Minimum), Maximum): Relu is (0, +infinity).</summary>
public sealed record Clamp(float Minimum, float Maximum) : Op;

/// <summary>
/// The nearest value that an already quantized model can store: (saturate(round(x / Scale) + ZeroPoint) - ZeroPoint) * Scale, ties to
/// even (ONNX QuantizeLinear and DequantizeLinear).
/// </summary>
/// <param name="Scale">Real value of one step, positive and finite.</param>
/// <param name="ZeroPoint">Stored integer of 0, Minimum..Maximum.</param>
/// <param name="Minimum">Least stored integer: 0 for uint8, -128 for int8.</param>
/// <param name="Maximum">Largest stored integer, at most 255 above the least.</param>
public sealed record QuantizeDequantize(float Scale, int ZeroPoint, int Minimum, int Maximum) : Op
{
    /// <summary>Least value in steps: Minimum - ZeroPoint, -255..0.</summary>
    public int Low => Minimum - ZeroPoint;

    /// <summary>Largest value in steps: Maximum - ZeroPoint, 0..255.</summary>
    public int High => Maximum - ZeroPoint;
}

/// <summary>Sum of two tensors of one shape.</summary>
public sealed record Add : Op;

/// <summary>First tensor minus second, of one shape.</summary>
public sealed record Subtract : Op;

/// <summary>Product of two tensors, element by element; the second may be C x 1 x 1, a gate for each channel.</summary>
public sealed record Multiply : Op;

/// <summary>x / (Bias + Alpha / Size * S)^Beta with S the sum of the squares over a window of channels: local response
/// normalization.</summary>
/// <param name="Size">Channels of the window, 1..255: (Size - 1) / 2 in front of the value's, Size / 2 behind it.</param>
/// <param name="Alpha">Not negative.</param>
/// <param name="Beta">Not negative.</param>
/// <param name="Bias">Positive.</param>
public sealed record LocalResponseNorm(int Size, float Alpha, float Beta, float Bias) : Op;

/// <summary>Mean over a window; a global average pool has the whole map as its window.</summary>
/// <param name="Geometry">Window, strides, pads.</param>
/// <param name="CeilMode">Whether a last, partly empty window counts.</param>
/// <param name="CountIncludesPadding">Whether padding counts in the divisor.</param>
public sealed record AveragePool(KernelWindow Geometry, bool CeilMode, bool CountIncludesPadding) : Op;

/// <summary>log(softmax(x)) over the channels of each pixel; at the output only, done by the host in double.</summary>
public sealed record LogSoftmax : Op;

/// <summary>softmax(x) over the channels of each pixel; at the output only, done by the host in double.</summary>
public sealed record Softmax : Op;

/// <summary>1 for the largest of the channels of a pixel (the first of equals), 0 for the others; at the output only, done by the
/// host.</summary>
public sealed record ArgMax : Op;

/// <summary>x divided by the norm of the channels of its pixel, 0 where that is 0; at the output only, done by the host in
/// double.</summary>
/// <param name="Order">1: the sum of magnitudes; 2: the root of the sum of squares.</param>
public sealed record Normalize(int Order) : Op;
