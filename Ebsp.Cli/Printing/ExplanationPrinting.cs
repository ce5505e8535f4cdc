using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Tiling;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Printing;

/// <summary>Explained layers for people and programs.</summary>
internal static class ExplanationPrinting
{
    /// <summary>One line a layer.</summary>
    public static IEnumerable<string> Text(IReadOnlyList<LayerExplanation> layers, TimingReport timing) => Tool.Text.Table(
    [
        ["layer", "bound", "lower bound", "array busy", "span", "operation"],
        .. layers.Select((layer, i) => (string[])
        [
            layer.Layer, Bound(layer), Cycles(Lower(layer)), Quantity.Count(timing.Layers[i][Unit.Array].Busy),
            Quantity.Count(timing.Layers[i].Span), layer.Operation,
        ]),
    ], left: 2);

    /// <summary>The same lines as objects.</summary>
    public static JsonArray Json(IReadOnlyList<LayerExplanation> layers, TimingReport timing) =>
        new([.. layers.Select((layer, i) => new JsonObject
        {
            ["layer"] = layer.Layer,
            ["operation"] = layer.Operation,
            ["bound"] = Bound(layer),
            ["lowerBoundCycles"] = Lower(layer),
            ["arrayBusyCycles"] = timing.Layers[i][Unit.Array].Busy,
            ["spanCycles"] = timing.Layers[i].Span,
        })]);

    /// <summary>Everything about one layer.</summary>
    public static IEnumerable<string> Text(LayerExplanation layer, LayerTime time, ArchSpec arch)
    {
        yield return $"layer          {layer.Layer}: {layer.Operation}";
        yield return $"bound          {Bound(layer)}: at least {Cycles(layer.ComputeCycles)} cycles of compute, " +
            $"{Cycles(layer.WeightCycles)} of weights, {Cycles(layer.ActivationCycles)} of activations";
        yield return $"achieved       {Quantity.Count(time[Unit.Array].Busy)} cycles of the array and " +
            $"{Quantity.Count(Waits(time))} in which it waits, {Quantity.Count(time.Span)} from the first transfer to the " +
            $"last result (layers overlap)";
        if (layer.Shares is { } shares)
            yield return $"array          {Quantity.Percent(shares.Macs)} MACs, {Quantity.Percent(shares.IdleRows)} idle rows, " +
                $"{Quantity.Percent(shares.IdleColumns)} idle columns, {Quantity.Percent(shares.FillAndDrain)} filling and draining, of " +
                $"{Quantity.Count(arch.ProcessingElements)} PEs while busy";
        if (layer.Mapping is { } mapping)
        {
            yield return $"mapping        {mapping.Block.Rows} x {mapping.Block.Columns} pixels side by side, " +
                $"{mapping.Patch} positions, {mapping.Channels} channels at a time; " +
                $"{Quantity.Count(mapping.Folds)} folds of {Quantity.Count(mapping.Steps)} steps";
            foreach (string line in layer.Drawing)
                yield return $"               {line}";
        }

        yield return $"terms          {layer.Terms}";
        yield return $"tile           {Tile(layer.Chosen)}";
        yield return layer.RunnerUp is { } other
            ? $"runner-up      {Tile(other)}: {layer.WhyNot}"
            : $"runner-up      none: {layer.WhyNot}";
        yield return "";
        foreach (string line in Tool.Text.Table(
        [
            ["tensor", "use", "format", "place", "bytes"],
            .. layer.Tensors.Select(tensor => new[] { tensor.Name, tensor.Use, tensor.Format, tensor.Place, Quantity.Count(tensor.Bytes) }),
        ], left: 4))
            yield return line;
    }

    /// <summary>The same as fields of the result.</summary>
    public static JsonObject Json(LayerExplanation layer, LayerTime time)
    {
        JsonObject result = new()
        {
            ["layer"] = layer.Layer,
            ["operation"] = layer.Operation,
            ["bound"] = Bound(layer),
            ["computeCycles"] = layer.ComputeCycles,
            ["weightCycles"] = layer.WeightCycles,
            ["activationCycles"] = layer.ActivationCycles,
            ["arrayBusyCycles"] = time[Unit.Array].Busy,
            ["spanCycles"] = time.Span,
            ["arrayWaitCycles"] = Waits(time),
            ["macs"] = layer.Macs,
            ["terms"] = layer.Terms,
        };
        if (layer.Shares is { } shares)
            result["utilization"] = new JsonObject
            {
                ["macs"] = shares.Macs,
                ["idleRows"] = shares.IdleRows,
                ["idleColumns"] = shares.IdleColumns,
                ["fillAndDrain"] = shares.FillAndDrain,
            };
        if (layer.Mapping is { } mapping)
            result["mapping"] = new JsonObject
            {
                ["blockRows"] = mapping.Block.Rows,
                ["blockColumns"] = mapping.Block.Columns,
                ["patchPositions"] = mapping.Patch,
                ["channelsTogether"] = mapping.Channels,
                ["reductionFolds"] = mapping.ReductionFolds,
                ["folds"] = mapping.Folds,
                ["steps"] = mapping.Steps,
            };
        result["tile"] = Json(layer.Chosen);
        result["runnerUp"] = layer.RunnerUp is null ? null : Json(layer.RunnerUp);
        result["whyNot"] = layer.WhyNot;
        result["tensors"] = new JsonArray([.. layer.Tensors.Select(tensor => new JsonObject
        {
            ["name"] = tensor.Name, ["use"] = tensor.Use, ["format"] = tensor.Format, ["place"] = tensor.Place, ["bytes"] = tensor.Bytes,
        })]);
        return result;
    }

    private static string Tile(TileCandidate tile) => string.Create(CultureInfo.InvariantCulture,
        $"{tile.Shape.Images} x {tile.Shape.Rows} x {tile.Shape.Columns} pixels, {tile.Shape.Channels} " +
            $"channels{(tile.Shape.PixelsFirst ? ", pixels first" : "")}{(tile.Block.Pixels > 1
                ? string.Create(CultureInfo.InvariantCulture, $", {tile.Block.Rows} x {tile.Block.Columns} side by side") : "")}; " +
            $"{tile.Tiles} tiles, about {tile.Cycles.Total:F0} cycles");

    private static JsonObject Json(TileCandidate tile) => new()
    {
        ["images"] = tile.Shape.Images, ["rows"] = tile.Shape.Rows, ["columns"] = tile.Shape.Columns, ["channels"] = tile.Shape.Channels,
        ["inputs"] = tile.Shape.Inputs, ["pixelsFirst"] = tile.Shape.PixelsFirst,
        ["blockRows"] = tile.Block.Rows, ["blockColumns"] = tile.Block.Columns, ["tiles"] = tile.Tiles,
            ["estimatedCycles"] = tile.Cycles.Total, ["stageBytes"] = tile.StageBytes,
    };

    private static long Waits(LayerTime time) => time[Unit.Array].Stalls - time[Unit.Array].End;

    private static double Lower(LayerExplanation layer) =>
        Math.Max(layer.ComputeCycles, Math.Max(layer.WeightCycles, layer.ActivationCycles));

    private static string Bound(LayerExplanation layer) => layer.Bound.ToString().ToLowerInvariant();

    private static string Cycles(double cycles) => Quantity.Count((long)Math.Ceiling(cycles));
}
