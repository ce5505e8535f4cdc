using System.Collections.Immutable;

namespace Ebsp.Evaluation.Workloads;

/// <summary>A network as the shapes of its layers, in an order in which every map is made before it is read.</summary>
public sealed record Network
{
    /// <summary>A network.</summary>
    /// <param name="name">As typed on the command line.</param>
    /// <param name="title">For tables.</param>
    /// <param name="source">Where its shapes come from.</param>
    /// <param name="layers">Its layers; <see cref="LayerShape.IsFirst"/> and <see cref="LayerShape.IsLast"/> are set here.</param>
    public Network(string name, string title, string source, IEnumerable<LayerShape> layers)
    {
        Name = name;
        Title = title;
        Source = source;
        LayerShape[] all = [.. layers];
        int last = Array.FindLastIndex(all, layer => layer.HasWeights);
        Layers = [.. all.Select((layer, i) => layer with { IsFirst = layer.HasWeights && layer.Sources.Contains(-1), IsLast = i == last })];
    }

    /// <summary>As typed on the command line.</summary>
    public string Name { get; }

    /// <summary>For tables.</summary>
    public string Title { get; }

    /// <summary>Where its shapes come from.</summary>
    public string Source { get; }

    /// <summary>Its layers.</summary>
    public ImmutableArray<LayerShape> Layers { get; private init; }

    /// <summary>Images of a run.</summary>
    public int Batch => Layers.IsEmpty ? 1 : Layers[0].N;

    /// <summary>Multiply-accumulates of a run.</summary>
    public long Macs => Layers.Sum(layer => layer.Macs);

    /// <summary>Weights.</summary>
    public long Weights => Layers.Sum(layer => layer.Weights);

    /// <summary>The same network with another number of images a run.</summary>
    /// <param name="images">1..4095.</param>
    public Network WithBatch(int images) => this with { Layers = [.. Layers.Select(layer => layer with { N = images })] };
}
