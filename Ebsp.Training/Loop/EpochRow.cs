using System.Globalization;

namespace Ebsp.Training.Loop;

/// <summary>What an epoch came to.</summary>
/// <param name="Phase">float or pattern.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Rate">Learning rate of its last step.</param>
/// <param name="Loss">Mean over its images.</param>
/// <param name="TrainAccuracy">Share of its images that were right while it ran, 0..1.</param>
/// <param name="TestAccuracy">Share of the test images that are right behind it, 0..1; NaN where there are none.</param>
/// <param name="Residual">|W - masked| / |W|.</param>
/// <param name="OnPattern">Share of the weights within a tenth of a unit of their masked value.</param>
/// <param name="ImagesPerSecond">Of its steps.</param>
public sealed record EpochRow(
    string Phase, int Epoch, double Rate, double Loss, double TrainAccuracy, double TestAccuracy, double Residual, double OnPattern,
    double ImagesPerSecond)
{
    /// <summary>Names of the columns of <see cref="Csv"/>.</summary>
    public const string Header = "phase,epoch,rate,loss,train_accuracy,test_accuracy,residual,on_pattern,images_per_second";

    /// <summary>A line of the table.</summary>
    public string Csv => string.Join(',', [Phase, Epoch.ToString(CultureInfo.InvariantCulture),
        .. new[] { Rate, Loss, TrainAccuracy, TestAccuracy, Residual, OnPattern, ImagesPerSecond }
            .Select(value => value.ToString("0.######", CultureInfo.InvariantCulture))]);
}
