using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Formats of one layer's operands where they differ from those of the network; null keeps the network's.</summary>
/// <param name="Weights">Format of its weights.</param>
/// <param name="Activations">Format of the tensor that it reads.</param>
public sealed record LayerFormats(OperandFormat? Weights = null, OperandFormat? Activations = null);

/// <summary>How a network is quantized.</summary>
public sealed record QuantizerOptions
{
    /// <summary>Format of the weights of inner layers; 6:3 by default.</summary>
    public OperandFormat Weights { get; init; } = new(6, 3);

    /// <summary>Format of the tensors that inner layers multiply; 6:3 by default. Plain integers (8) are for the reference alone.</summary>
    public OperandFormat Activations { get; init; } = new(6, 3);

    /// <summary>Format of the network's input and the weights of the layers that read it; null: 8 bits with the k of
    /// <see cref="Weights"/>.</summary>
    public OperandFormat? First { get; init; }

    /// <summary>Format of the weights and the input of the layer that makes the scores; null: 8 bits with the k of
    /// <see cref="Weights"/>.</summary>
    public OperandFormat? Last { get; init; }

    /// <summary>Pattern terms of the network's input: 2, or 1.</summary>
    public int InputTerms { get; init; } = 2;

    /// <summary>Width of tensors that feed additions and average pools: 8 or 16 bits.</summary>
    public int SkipBits { get; init; } = 8;

    /// <summary>How the clip of activations is chosen.</summary>
    public ClipRule Clip { get; init; }

    /// <summary>Formats of single layers, by node name.</summary>
    public IReadOnlyDictionary<string, LayerFormats> Layers { get; init; } = new Dictionary<string, LayerFormats>();

    /// <summary>Rounds weights one after another and lets the later ones make up for the error of the earlier, by the Gram matrix of the
    /// layer's inputs.</summary>
    public bool ErrorFeedback { get; init; } = true;

    /// <summary>Moves the real weights to those that fit the float layer best on the quantized inputs, before they are rounded.</summary>
    public bool Refit { get; init; } = true;

    /// <summary>Corrects the mean error of each output channel on the calibration images.</summary>
    public bool BiasCorrection { get; init; } = true;

    /// <summary>
    /// Also tries the network with the channels between two layers scaled to like ranges (cross-layer equalization), and takes what gives
    /// better scores on the calibration images; doubles the time.
    /// </summary>
    public bool Equalize { get; init; }

    /// <summary>Share of the mean variance of a layer's inputs that is added to each, where weights are rounded with feedback.</summary>
    internal double Damping { get; init; } = 0.01;

    /// <summary>The same where weights are refitted.</summary>
    internal double RefitDamping { get; init; } = 0.02;

    /// <summary>Threads, at least 1; the result does not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    internal OperandFormat FirstFormat => First ?? Wide;

    internal OperandFormat LastFormat => Last ?? Wide;

    // Plain activations are plain everywhere, in the bits of the first and last layer.
    internal OperandFormat InputFormat => Activations.PatternLength == 0 ? Activations with { Bits = FirstFormat.Bits } : FirstFormat;

    internal OperandFormat LastActivations => Activations.PatternLength == 0 ? Activations with { Bits = LastFormat.Bits } : LastFormat;

    internal PatternFormat SkipFormat(bool signed) => SkipBits == 16 ? PatternFormat.Int16 : PatternFormat.Uniform(8, signed);

    private OperandFormat Wide => new(8, Weights.PatternLength, Weights.Kind);
}
