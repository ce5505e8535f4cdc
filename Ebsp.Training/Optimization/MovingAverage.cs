using Ebsp.Training.Modules;

namespace Ebsp.Training.Optimization;

/// <summary>
/// The exponential moving average of everything that learns (Polyak and Juditsky 1992): masked weights jump between two values of the
/// pattern when a step is not small, and their average does not.
/// </summary>
/// <param name="share">Share of the average that a step keeps, below 1.</param>
internal sealed class MovingAverage(double share)
{
    private readonly Dictionary<string, float[]> _values = new(StringComparer.Ordinal);

    /// <summary>All of its state, in a fixed order.</summary>
    public IEnumerable<(string Name, float[] Values)> State =>
        _values.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => ("average/" + each.Key, each.Value));

    /// <summary>Starts from what a network has.</summary>
    public void Prepare(TrainableNetwork network) => Each(network, (name, values) => _values[name] = values.ToArray());

    /// <summary>Takes in what a step left.</summary>
    /// <param name="network">The network.</param>
    /// <param name="step">Steps before; early ones count more, so that the start is forgotten soon.</param>
    public void Update(TrainableNetwork network, int step)
    {
        float part = (float)(1 - Math.Min(share, (1.0 + step) / (10.0 + step)));
        Each(network, (name, values) =>
        {
            float[] average = _values[name];
            for (int i = 0; i < average.Length; i++)
                average[i] += part * (values[i] - average[i]);
        });
    }

    /// <summary>Goes with scales whose format was replaced.</summary>
    public void Rescale(LearnedScale scale, float factor)
    {
        float[] average = _values[scale.Name];
        for (int i = 0; i < average.Length; i++)
            average[i] *= factor;
    }

    /// <summary>Exchanges the averages and what the network has.</summary>
    public void Swap(TrainableNetwork network) => Each(network, (name, values) =>
    {
        float[] average = _values[name], kept = values.ToArray();
        average.CopyTo(values);
        kept.CopyTo(average, 0);
    });

    private static void Each(TrainableNetwork network, ValuesVisitor visit) =>
        network.Visit(visit, array => array.Kind != TrainedKind.Statistic);
}
