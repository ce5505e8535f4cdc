using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Tiling;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Running;

/// <summary>Explained layers for people and programs.</summary>
internal static class ExplainedLayers
{
    /// <summary>One line a layer.</summary>
    public static void Print(Call call, LayerExplainer explainer, TimingReport timing)
    {
        JsonArray layers = [];
        List<string[]> rows = [["layer", "bound", "lower bound", "array busy", "span", "operation"]];
        for (int i = 0; i < explainer.Layers.Length; i++)
        {
            LayerExplanation layer = explainer.Explain(i);
            LayerTime time = timing.Layers[i];
            rows.Add([layer.Layer, Bound(layer), Cycles(Lower(layer)), Quantity.Count(time.Units[(int)Unit.Array].Busy),
                Quantity.Count(time.End - time.Start), layer.Operation]);
            layers.Add(new JsonObject
            {
                ["layer"] = layer.Layer, ["operation"] = layer.Operation, ["bound"] = Bound(layer), ["lowerBoundCycles"] = Lower(layer),
                ["arrayBusyCycles"] = time.Units[(int)Unit.Array].Busy, ["spanCycles"] = time.End - time.Start,
            });
        }

        call.Result["layers"] = layers;
        call.Print(Text.Table(rows, left: 2));
    }

    /// <summary>Everything about one layer.</summary>
    public static void Print(Call call, LayerExplanation layer, LayerTime time, ArchSpec arch)
    {
        JsonObject result = call.Result;
        call.Print($"layer          {layer.Layer}: {layer.Operation}");
        call.Print($"bound          {Bound(layer)}: at least {Cycles(layer.ComputeCycles)} cycles of compute, " +
            $"{Cycles(layer.WeightCycles)} of weights, {Cycles(layer.ActivationCycles)} of activations");
        call.Print($"achieved       {Quantity.Count(time.Units[(int)Unit.Array].Busy)} cycles of the array and " +
            $"{Quantity.Count(Waits(time))} in which it waits, {Quantity.Count(time.End - time.Start)} from the first transfer to the " +
            $"last result (layers overlap)");
        result["layer"] = layer.Layer;
        result["operation"] = layer.Operation;
        result["bound"] = Bound(layer);
        result["computeCycles"] = layer.ComputeCycles;
        result["weightCycles"] = layer.WeightCycles;
        result["activationCycles"] = layer.ActivationCycles;
        result["arrayBusyCycles"] = time.Units[(int)Unit.Array].Busy;
        result["spanCycles"] = time.End - time.Start;
        result["arrayWaitCycles"] = Waits(time);
        result["macs"] = layer.Macs;
        result["terms"] = layer.Terms;
        if (layer.Shares is { } shares)
        {
            call.Print($"array          {Quantity.Percent(shares.Macs)} MACs, {Quantity.Percent(shares.IdleRows)} idle rows, " +
                $"{Quantity.Percent(shares.IdleColumns)} idle columns, {Quantity.Percent(shares.FillAndDrain)} filling and draining, of " +
                $"{Quantity.Count(arch.ProcessingElements)} PEs while busy");
            result["utilization"] =
                new JsonObject { ["macs"] = shares.Macs, ["idleRows"] = shares.IdleRows, ["idleColumns"] = shares.IdleColumns,
                ["fillAndDrain"] = shares.FillAndDrain };
        }

        call.Print($"terms          {layer.Terms}");
        call.Print($"tile           {Tile(layer.Chosen)}");
        call.Print(layer.RunnerUp is { } other ? $"runner-up      {Tile(other)}: {layer.WhyNot}" : $"runner-up      none: {layer.WhyNot}");
        result["tile"] = Json(layer.Chosen);
        result["runnerUp"] = layer.RunnerUp is null ? null : Json(layer.RunnerUp);
        result["whyNot"] = layer.WhyNot;
        call.Print();
        call.Print(Text.Table(
        [
            ["tensor", "use", "format", "place", "bytes"],
            .. layer.Tensors.Select(tensor => new[] { tensor.Name, tensor.Use, tensor.Format, tensor.Place, Quantity.Count(tensor.Bytes) }),
        ], left: 4));
        result["tensors"] = new JsonArray([.. layer.Tensors.Select(tensor => new JsonObject
        {
            ["name"] = tensor.Name, ["use"] = tensor.Use, ["format"] = tensor.Format, ["place"] = tensor.Place, ["bytes"] = tensor.Bytes,
        })]);
    }

    private static string Tile(TileCandidate tile) => string.Create(CultureInfo.InvariantCulture,
        $"{tile.Shape.Images} x {tile.Shape.Rows} x {tile.Shape.Columns} pixels, {tile.Shape.Channels} " +
            $"channels{(tile.Shape.PixelsFirst ? ", pixels first" : "")}; {tile.Tiles} tiles, about {tile.Cycles.Total:F0} cycles");

    private static JsonObject Json(TileCandidate tile) => new()
    {
        ["images"] = tile.Shape.Images, ["rows"] = tile.Shape.Rows, ["columns"] = tile.Shape.Columns, ["channels"] = tile.Shape.Channels,
        ["inputs"] = tile.Shape.Inputs, ["pixelsFirst"] = tile.Shape.PixelsFirst, ["tiles"] = tile.Tiles,
            ["estimatedCycles"] = tile.Cycles.Total, ["stageBytes"] = tile.StageBytes,
    };

    private static long Waits(LayerTime time) => time.Units[(int)Unit.Array].Stalls - time.Units[(int)Unit.Array].End;

    private static double Lower(LayerExplanation layer) =>
        Math.Max(layer.ComputeCycles, Math.Max(layer.WeightCycles, layer.ActivationCycles));

    private static string Bound(LayerExplanation layer) => layer.Bound.ToString().ToLowerInvariant();

    private static string Cycles(double cycles) => Quantity.Count((long)Math.Ceiling(cycles));
}
