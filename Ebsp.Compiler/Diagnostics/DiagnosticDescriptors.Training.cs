namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>The library that trains does not load.</summary>
    public static readonly DiagnosticDescriptor NoTorch = new("EBSP5001", "Native library of TorchSharp does not load",
        "libLibTorchSharp does not load: {0}.",
        "Use Debian 13, Ubuntu 24.04 or later, or the `dotnet` that tools/torch-runtime.sh of the repository makes.",
        "error EBSP5001: libLibTorchSharp does not load: the system's C++ runtime is too old: libstdc++.so.6 has no GLIBCXX_3.4.32, " +
            "which comes with GCC 13. Use Debian 13, Ubuntu 24.04 or later, or the `dotnet` that tools/torch-runtime.sh of the " +
            "repository makes.");

    /// <summary>Images or labels that do not fit the network that is trained.</summary>
    public static readonly DiagnosticDescriptor TrainingDataMisfit = new("EBSP5002", "Training data do not fit",
        "{0}.",
        "Give labeled images of the network's input size, with labels from 0 to the number of classes less 1, at least one batch of them.",
        "train.npy: error EBSP5002: images of 1x28x28 for an input of 3x32x32. Give labeled images of the network's input size, with " +
            "labels from 0 to the number of classes less 1, at least one batch of them.");

    /// <summary>The loss is no number any more.</summary>
    public static readonly DiagnosticDescriptor TrainingDiverged = new("EBSP5003", "Training diverged",
        "the loss is {0} at step {1} of epoch {2}; the first value that is not finite is in {3}.",
        "Lower --lr or lengthen --warm-up, and go on from the last checkpoint.",
        "error EBSP5003: the loss is NaN at step 17 of epoch 1; the first value that is not finite is in layer1.0.conv1. Lower --lr or " +
            "lengthen --warm-up, and go on from the last checkpoint.");

    /// <summary>A checkpoint that cannot be gone on from.</summary>
    public static readonly DiagnosticDescriptor BadCheckpoint = new("EBSP5004", "Checkpoint refused",
        "{0}.",
        "Resume with the network, data and options that wrote it, or begin anew without --resume.",
        "run.checkpoint: error EBSP5004: it was written by another network or with other options. Resume with the network, data and " +
            "options that wrote it, or begin anew without --resume.");
}
