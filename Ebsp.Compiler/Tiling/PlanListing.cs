using System.Globalization;
using System.Text;

namespace Ebsp.Compiler.Tiling;

/// <summary>A memory plan as text: the areas of the buffer, each layer with its tile, each stored tensor with its place.</summary>
public static class PlanListing
{
    /// <summary>Writes a plan, a line an item.</summary>
    public static string Write(MemoryPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        StringBuilder text = new();
        Line($"buffer: weights 0..{plan.WeightBytes}, scratch {plan.ScratchAddress}, staging {plan.StageAddress}, used {
            plan.BufferBytes}; arena {plan.ArenaBytes}");
        for (int i = 0; i < plan.Layers.Length; i++)
        {
            (TileShape shape, long tiles, LayerCycles cycles, _, _, PixelBlock block) = plan.Tiles[i];
            string inputs = shape.Inputs > 0
                ? string.Create(CultureInfo.InvariantCulture, $", {shape.Inputs} input channels an instruction")
                : "";
            Line($"{plan.Layers[i].Name}: {tiles} tiles of {shape.Images} x {shape.Rows} x {shape.Columns} x {shape.Channels}{inputs}{
                (shape.PixelsFirst ? ", pixels first" : "")}{(block.Pixels == 1 ? "" : string.Create(CultureInfo.InvariantCulture,
                    $", {block.Rows} x {block.Columns} pixels side by side"))}, about {cycles.Total:F0} cycles");
        }

        foreach ((string name, Placement place) in plan.Placements)
            Line($"{name}: {place.Region.ToString().ToLowerInvariant()} at {place.Address}, channel {place.FirstChannel} of {
                place.Shape}, {place.Format}");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
