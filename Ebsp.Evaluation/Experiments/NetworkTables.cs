using System.Globalization;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Tables of shapes.</summary>
internal static class NetworkTables
{
    /// <summary>One row a network.</summary>
    public static ExperimentTable All(IReadOnlyList<Network> networks) => new("networks", "Networks",
        [
            new("network", "", "name on the command line"), new("title", "", "as published"),
            new("layers", "", "convolutions and fully connected layers", "0"),
            new("macs", "M", "N*K*P*Q*R*S*C/G over the layers, 10^6", "0.0"),
            new("weights", "M", "K*R*S*C/G over the layers, 10^6", "0.00"),
            new("source", "", "where the shapes come from"),
        ],
        [.. networks.Select(network => (System.Collections.Immutable.ImmutableArray<object?>)
            [network.Name, network.Title, (double)network.Layers.Count(layer => layer.HasWeights), network.Macs / 1e6,
                network.Weights / 1e6, network.Source])],
        []);

    /// <summary>One row a layer.</summary>
    public static ExperimentTable Layers(Network network) => new("shapes", $"{network.Title}: layers",
        [
            new("layer", "", "name in the network"), new("kind", "", "what it does"), new("input", "", "C x H x W"),
            new("output", "", "K x P x Q"),
            new("kernel", "", "R x S"), new("groups", "", "number of groups, G", "0"), new("macs", "M", "N*K*P*Q*R*S*C/G, 10^6", "0.00"),
            new("weights", "k", "K*R*S*C/G, 10^3", "0.0"),
        ],
        [.. network.Layers.Select(layer => (System.Collections.Immutable.ImmutableArray<object?>)
            [
                layer.Name, layer.Kind.ToString(), string.Create(CultureInfo.InvariantCulture, $"{layer.C}x{layer.H}x{layer.W}"),
                string.Create(CultureInfo.InvariantCulture, $"{layer.K}x{layer.P}x{layer.Q}"),
                    string.Create(CultureInfo.InvariantCulture, $"{layer.R}x{layer.S}"),
                (double)layer.Groups, layer.Macs / 1e6, layer.Weights / 1e3,
            ])],
        []);
}
