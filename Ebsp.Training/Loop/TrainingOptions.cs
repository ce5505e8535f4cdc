using Ebsp.Compiler.Quantization;
using Ebsp.Training.Data;
using Ebsp.Training.Optimization;

namespace Ebsp.Training.Loop;

/// <summary>How a network is trained; docs/training.md has the meaning and range of each.</summary>
public sealed record TrainingOptions
{
    /// <summary>Formats, and the measures of the quantization that training starts from.</summary>
    public QuantizerOptions Formats { get; init; } = new();

    /// <summary>Epochs on the pattern.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Epochs in floats before that.</summary>
    public int FloatEpochs { get; init; }

    /// <summary>Images of a batch.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Largest learning rate on the pattern.</summary>
    public double Rate { get; init; } = 0.005;

    /// <summary>Largest learning rate in floats.</summary>
    public double FloatRate { get; init; } = 0.1;

    /// <summary>Epochs over which the learning rate rises; at most half of all.</summary>
    public double WarmUp { get; init; } = 1;

    /// <summary>How it goes down.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Which rule moves the weights.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Share of the last step.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decay of weights; none on vectors and scales.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Factor of the learning rate for scales; 0 keeps those of the quantizer.</summary>
    public double ScaleRate { get; init; } = 1;

    /// <summary>How the scales of weights follow the weights; those of stored tensors are learned.</summary>
    public WeightScaleRule WeightScales { get; init; } = WeightScaleRule.Search;

    /// <summary>Share of the epochs at the end in which scales stay.</summary>
    public double FrozenShare { get; init; } = 1 / 3.0;

    /// <summary>Probability that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How pictures are varied.</summary>
    public Augmentation Augmentation { get; init; }

    /// <summary>Weight of the float network's answers in the loss, 0..1; the labels have the rest.</summary>
    public double Distillation { get; init; } = 0.5;

    /// <summary>Temperature of the answers (Hinton et al. 2015).</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>rho at the start; 0 turns ADMM off.</summary>
    public double RhoStart { get; init; } = 1e-5;

    /// <summary>rho at the end; it rises by the same factor with every step.</summary>
    public double RhoEnd { get; init; } = 1e-2;

    /// <summary>Dual steps of ADMM in an epoch.</summary>
    public int DualSteps { get; init; } = 1;

    /// <summary>Whether batch normalization is put behind every convolution; else where the network's file has it.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>Whether weights start as the quantizer left them; else as the float network has them.</summary>
    public bool StartsFromQuantizer { get; init; } = true;

    /// <summary>Batches over which the statistics of batch normalization are taken again at the end; 0 keeps the running ones.</summary>
    public int EstimationBatches { get; init; } = 64;

    /// <summary>Share of the last steps in which batch normalization goes by running statistics, as it does in integers.</summary>
    public double FrozenNorm { get; init; }

    /// <summary>Share of the moving average of everything that learns that a step keeps; the average is what is scored and written. 0
    /// takes the last step's.</summary>
    public double Average { get; init; }

    /// <summary>Training images that are held out, and by which the epoch that is written is chosen; 0 writes the last.</summary>
    public int Select { get; init; }

    /// <summary>Bits, and places of the pattern, that formats have more at the start; they lose them over the first half.</summary>
    public int Evolve { get; init; }

    /// <summary>Images of the training set that the quantizer sees.</summary>
    public int Calibration { get; init; } = 512;

    /// <summary>Seed of initial weights, order and variation of images.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads of libtorch; results depend on it in their last bits.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Everything that decides what a run computes, for checkpoints.</summary>
    public string IdentityText() => string.Join(';', this with { Formats = new QuantizerOptions() },
        string.Join(',', Formats.Weights, Formats.Activations, Formats.First, Formats.Last, Formats.InputTerms, Formats.SkipBits,
            Formats.Clip, string.Join('|', Formats.Layers.OrderBy(each => each.Key, StringComparer.Ordinal))));
}
