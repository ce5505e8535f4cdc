using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Report;

/// <summary>Layers under the roof of a machine.</summary>
internal static class Rooflines
{
    /// <summary>The roof and a point a layer.</summary>
    /// <param name="results">Networks on one machine.</param>
    public static JsonArray Of(IReadOnlyList<NetworkResult> results)
    {
        (string Network, List<(double X, double Y, string Text)> Points)[] series =
            [.. results.Select(result => (result.Network.Name, Points(result).ToList()))];
        double[] x = [.. series.SelectMany(row => row.Points).Select(point => point.X)];
        if (x.Length == 0)
            return [];
        double rate = results[0].Conditions.DramBytesPerCycle, peak = results[0].Machine.Spec.PeakMacs, bend = peak / rate;
        double left = Math.Min(x.Min(), bend) / 2, right = Math.Max(x.Max(), bend) * 2;
        return
        [
            Plot.Line("roof", -1, [(left, left * rate), (bend, peak), (right, peak)]),
            .. series.Select((row, i) => (JsonNode)Plot.Points(row.Network, i, row.Points)),
        ];
    }

    private static IEnumerable<(double X, double Y, string Text)> Points(NetworkResult result)
    {
        for (int i = 0; i < result.Layers.Length; i++)
        {
            (string name, long macs) = result.Labels[i];
            LayerResult layer = result.Layers[i];
            double traffic = layer.DramReadBytes + layer.DramWrittenBytes;
            if (macs > 0 && traffic > 0 && layer.Cycles > 0)
                yield return (macs / traffic, macs / layer.Cycles, string.Create(CultureInfo.InvariantCulture,
                    $"{name}: {macs / 1e6:0.###} M MACs, {layer.Cycles:0} cycles, {traffic / 1e3:0.#} kB"));
        }
    }
}
