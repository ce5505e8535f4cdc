using Ebsp.Compiler.Quantization;

namespace Ebsp.Training.Loop;

/// <summary>Where a run stands, for a line of progress.</summary>
/// <param name="Phase">float or pattern.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">Of the phase.</param>
/// <param name="Step">Batches done of the epoch.</param>
/// <param name="Steps">Batches of an epoch.</param>
/// <param name="Loss">Mean so far.</param>
/// <param name="Accuracy">Share right so far, 0..1.</param>
/// <param name="Residual">|W - masked| / |W| at the last epoch's end.</param>
/// <param name="OnPattern">Share of the weights on the pattern at the last epoch's end.</param>
/// <param name="ImagesPerSecond">Of the steps of this epoch.</param>
/// <param name="SecondsLeft">For all that is to come.</param>
public sealed record TrainingStatus(
    string Phase, int Epoch, int Epochs, int Step, int Steps, double Loss, double Accuracy, double Residual, double OnPattern,
    double ImagesPerSecond, double SecondsLeft);

/// <summary>Follows a run.</summary>
public interface ITrainingObserver
{
    /// <summary>A step was done.</summary>
    void Stepped(TrainingStatus status);

    /// <summary>The quantizer made the network that training on the pattern starts from.</summary>
    void Quantized(QuantizationResult result);

    /// <summary>An epoch has ended.</summary>
    /// <param name="row">What it came to.</param>
    /// <param name="table">All rows so far, with a header.</param>
    void Finished(EpochRow row, string table);

    /// <summary>Something worth a line.</summary>
    void Note(string line);

    /// <summary>Does something that a signal must not cut off.</summary>
    void Whole(Action action);
}
