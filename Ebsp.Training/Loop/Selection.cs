using Ebsp.Training.Modules;

namespace Ebsp.Training.Loop;

/// <summary>The network of the epoch that answers best on images held out of the training set.</summary>
internal sealed class Selection
{
    private readonly Dictionary<string, float[]> _best = new(StringComparer.Ordinal);

    // Accuracy and epoch, in an array so that a checkpoint brings them back.
    private readonly float[] _score = [-1, 0];

    /// <summary>Share of the images that the best one answers rightly, 0..1.</summary>
    public double Accuracy => _score[0];

    /// <summary>Its epoch, from 1; 0 is where training started.</summary>
    public int Epoch => (int)_score[1];

    /// <summary>All of its state, in a fixed order.</summary>
    public IEnumerable<(string Name, float[] Values)> State => _best.OrderBy(each => each.Key, StringComparer.Ordinal)
        .Select(each => ("best/" + each.Key, each.Value)).Append(("best score", _score));

    /// <summary>Makes the state of a network.</summary>
    public void Prepare(TrainableNetwork network) => network.Visit((name, values) => _best[name] = values.ToArray());

    /// <summary>Keeps a network if it is at least as good as the best one so far.</summary>
    public void Offer(TrainableNetwork network, double accuracy, int epoch)
    {
        if ((float)accuracy < _score[0])
            return;
        (_score[0], _score[1]) = ((float)accuracy, epoch);
        network.Visit((name, values) => values.CopyTo(_best[name]));
    }

    /// <summary>Makes a network the best one.</summary>
    public void Take(TrainableNetwork network) => network.Visit((name, values) => _best[name].CopyTo(values));
}
