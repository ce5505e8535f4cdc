using System.Collections.Immutable;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Chooses the tiles of all layers together. The search for one layer sees its own cycles; here array and vector unit are played tile by
/// tile over the whole network, and of the cuts that are nearly as good by themselves those stay whose tiles are ready when the next layer
/// asks for them. A beam: the best few beginnings are carried on from layer to layer.
/// </summary>
/// <param name="batch">Images of a run.</param>
/// <param name="search">The search for one layer.</param>
/// <param name="isSpilled">Whether a tensor lives in DRAM; layers that touch such tensors keep their tiles.</param>
internal sealed class TilePipeline(int batch, TilingSearch search, Func<string, bool> isSpilled)
{
    // Beginnings that are carried on, and cuts of a layer that are tried on each: more find less than a thousandth.
    private const int Beam = 6, Tried = 12;

    // How much a cut may cost by itself beyond the best one: about a requantization that is then hidden.
    private const double Slack = 1.1, SlackCycles = 300;

    // Layers whose results are looked at; what was made before them is there.
    private const int Remembered = 4;

    /// <summary>The tiles of all layers.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="chosen">What the search for one layer chose.</param>
    public ImmutableArray<TileCandidate> Choose(ImmutableArray<Layer> layers, ImmutableArray<TileCandidate> chosen)
    {
        List<Beginning> beam = [new Beginning()];
        for (int i = 0; i < layers.Length; i++)
        {
            List<Beginning> next = [];
            TileCandidate[] cuts = [.. Cuts(layers[i], chosen[i])];
            LayerCost cost = search.CostOf(layers[i]);
            LayerTiles[] tiles = [.. cuts.Select(cut => new LayerTiles(batch, cost, layers[i], cut.Shape))];
            foreach (Beginning beginning in beam)
            {
                for (int c = 0; c < cuts.Length; c++)
                    next.Add(tiles[c].After(beginning, cuts[c], Remembered));
            }

            beam = [.. next.OrderBy(each => each.End).Take(Beam)];
        }

        TileCandidate[] result = new TileCandidate[layers.Length];
        Beginning? at = beam[0];
        for (int i = layers.Length - 1; i >= 0; i--, at = at.Before)
            result[i] = at!.Cut!;
        return [.. result];
    }

    private IEnumerable<TileCandidate> Cuts(Layer layer, TileCandidate chosen)
    {
        if (layer is not ArrayLayer || layer.Reads.Concat(layer.Stores).Any(isSpilled))
            return [chosen];
        (bool isSmall, double cost) = search.Rank(chosen);
        // The order of the search breaks ties, so the result is one and the same.
        return search.Candidates(layer, isSpilled, 0).Where(cut => cut.Shape != chosen.Shape)
            .Select(cut => (Cut: cut, Rank: search.Rank(cut)))
            .Where(each => each.Rank.IsSmall == isSmall && each.Rank.Cost <= Slack * cost + SlackCycles)
            .OrderBy(each => each.Rank.Cost).Take(Tried - 1).Select(each => each.Cut).Prepend(chosen);
    }

    // A tile of a stored tensor, and the cycle from which it can be read.
    internal readonly record struct Made(int Image, int EndImage, int Row, int EndRow, int Channel, int EndChannel, double Ready);

    // A tile, its cycles, and the rows and channels of the source that it reads.
    private readonly record struct PlayedTile(
        Made Extent, double Work, double Vector, int FirstRow, int EndRow, int FirstChannel, int EndChannel);

    // What the units have done after some layers.
    internal sealed class Beginning
    {
        public Beginning? Before { get; init; }

        public TileCandidate? Cut { get; init; }

        public double Array { get; init; }

        public double Vector { get; init; }

        // Ends of the requantizations of the last two tiles: their banks are free then.
        public (double Older, double Newer) Banks { get; init; }

        public ImmutableArray<(string Tensor, Made[] Tiles)> Made { get; init; } = [];

        public double End => Math.Max(Array, Vector);
    }

    // The tiles of a layer in the order in which they are made.
    private sealed class LayerTiles
    {
        private readonly Layer _layer;
        private readonly List<PlayedTile> _tiles = [];

        public LayerTiles(int batch, LayerCost cost, Layer layer, TileShape shape)
        {
            _layer = layer;
            bool readsItsChannels = layer is not ArrayLayer || cost.IsDepthwise;
            Dictionary<TileShape, (double Work, double Vector)> known = [];
            List<(int Image, int Row)> pixels = [];
            for (int image = 0; image < batch; image += shape.Images)
            {
                for (int row = 0; row < cost.Output.Height; row += shape.Rows)
                    pixels.Add((image, row));
            }

            // The parts of a row are ready together.
            int strips = (cost.Output.Width + shape.Columns - 1) / shape.Columns;
            for (int channel = 0; channel < cost.Output.Channels; channel += shape.Channels)
            {
                foreach ((int image, int row) in pixels)
                {
                    TileShape tile = shape with
                    {
                        Images = Math.Min(shape.Images, batch - image),
                        Rows = Math.Min(shape.Rows, cost.Output.Height - row),
                        Channels = Math.Min(shape.Channels, cost.Output.Channels - channel),
                    };
                    if (!known.TryGetValue(tile, out (double Work, double Vector) cycles))
                        known[tile] = cycles = (strips * (cost.ArrayTile(tile) + cost.PoolTile(tile)), strips * cost.VectorTile(tile));
                    SourceSpan rows = SourceSpan.Rows(cost.Geometry, row, tile.Rows, layer.Source.Rows);
                    int multiplier = layer is ArrayLayer { Conv: { } conv } ? conv.OutputChannels / conv.Groups : 1;
                    int first = readsItsChannels ? layer.Source.FirstChannel + channel / multiplier : 0;
                    int firstRow = layer.Source.FirstRow + rows.First * layer.Source.RowStep;
                    Made extent = new(image, image + tile.Images, row, row + tile.Rows, channel, channel + tile.Channels, 0);
                    _tiles.Add(new PlayedTile(extent, cycles.Work, cycles.Vector,
                        firstRow, firstRow + (rows.Count - 1) * layer.Source.RowStep + 1,
                        first, readsItsChannels ? first + Math.Max(1, tile.Channels / multiplier) : int.MaxValue));
                }
            }
        }

        public Beginning After(Beginning before, TileCandidate cut, int remembered)
        {
            Made[] source = before.Made.LastOrDefault(made => made.Tensor == _layer.Source.Tensor).Tiles ?? [];
            (double array, double vector, (double older, double newer)) = (before.Array, before.Vector, before.Banks);
            string[] outputs = [.. _layer.Stores];
            Made[][] made = [.. outputs.Select(_ => new Made[_tiles.Count])];
            for (int t = 0; t < _tiles.Count; t++)
            {
                PlayedTile tile = _tiles[t];
                (Made extent, double work, double requantized) = (tile.Extent, tile.Work, tile.Vector);
                double ready = 0;
                foreach (Made part in source)
                {
                    if (part.Ready > ready && part.Image < extent.EndImage && extent.Image < part.EndImage && part.Row < tile.EndRow
                        && tile.FirstRow < part.EndRow && part.Channel < tile.EndChannel && tile.FirstChannel < part.EndChannel)
                        ready = part.Ready;
                }

                double done = ready;
                if (_layer is ArrayLayer)
                    done = array = Math.Max(Math.Max(array, ready), older) + work;
                else if (_layer is SumPoolLayer || work > 0)
                    done = Math.Max(ready, older) + work;
                double start = Math.Max(vector, done);
                for (int w = 0; w < outputs.Length; w++)
                    made[w][t] = extent with { Ready = start + requantized * (w + 1) / outputs.Length };
                if (requantized > 0)
                    vector = start + requantized;
                (older, newer) = (newer, start + requantized);
            }

            ImmutableArray<(string, Made[])> all = [.. before.Made, .. outputs.Select((name, w) => (name, made[w]))];
            return new Beginning
            {
                Before = before.Cut is null ? null : before, Cut = cut, Array = array, Vector = vector, Banks = (older, newer),
                Made = all.Length > remembered ? all.RemoveRange(0, all.Length - remembered) : all,
            };
        }
    }
}
