using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>A layer on a row-stationary array.</summary>
/// <param name="R">Kernel rows, as mapped.</param>
/// <param name="S">Kernel columns, as mapped.</param>
/// <param name="Together">Input channels whose products an element adds up before it hands a sum on, q.</param>
/// <param name="StripRows">Output rows of a set, e.</param>
/// <param name="Folds">Strips of output rows, one after another.</param>
/// <param name="Sets">Sets that work side by side.</param>
/// <param name="ActiveElements">Elements that work, on average.</param>
/// <param name="Cycles">Cycles of the layer.</param>
/// <param name="IfmapWords">Words of the input that the array takes from the buffer.</param>
/// <param name="PsumWords">Words of partial sums read from the buffer, and as many written.</param>
/// <param name="FilterWords">Weights that come from the buffer.</param>
/// <param name="FilterFills">Weights written into the elements' scratchpads.</param>
internal sealed record RowStationaryMapping(
    int R, int S, long Together, double StripRows, long Folds, long Sets, double ActiveElements, double Cycles,
    double IfmapWords, double PsumWords, double FilterWords, double FilterFills)
{
    /// <summary>Maps a layer; of the splits of the sets between filters and channels the one with the fewest words from and to the
    /// buffer.</summary>
    public static RowStationaryMapping Of(LayerShape layer, int rows, int columns, int filterWords, int ifmapWords, int psumWords)
    {
        // A fully connected layer is a 1x1 convolution whose input channels are all inputs.
        bool isFull = layer.P == 1 && layer.Q == 1 && layer.R == layer.H && layer.S == layer.W;
        int r = isFull ? 1 : layer.R, s = isFull ? 1 : layer.S, p = layer.P, q = layer.Q;
        long channels = (long)layer.C / layer.Groups * (isFull ? layer.R * layer.S : 1), filters = layer.K / layer.Groups,
            groups = layer.Groups;
        long rowFolds = Whole.Ceil(r, rows), folds = Whole.Ceil(p, columns);
        double strip = (double)p / folds;
        long across = Math.Max(1, columns / Whole.Ceil(p, folds)), down = Math.Max(1, rows / r), sets = across * down;
        // Every (image, filter, channel) is a 2-D convolution; the last round of sets may be partly empty.
        double convolutions = (double)layer.N * groups * filters * channels;
        double rounds = Math.Max(1, convolutions / sets);
        double cycles = Math.Ceiling(rounds) * folds * rowFolds * q * s;
        double active = layer.Macs / cycles;

        long together = Math.Max(1, Math.Min(channels, ifmapWords / s)),
            kept = Math.Max(1, Math.Min(filters, Math.Min(psumWords, filterWords / (together * s))));
        double halo = folds == 1 ? 1 : Math.Min(r, 1 + (double)(r - 1) / (strip * layer.Window.StrideY));
        double input = (double)layer.N * groups * channels * (isFull ? 1 : (double)layer.H * layer.W) * halo, output = layer.Outputs;
        double best = double.MaxValue, ifmap = 0, psum = 0;
        for (long side = 1; side <= sets; side++)
        {
            if (sets % side != 0)
                continue;
            double reads = input * Whole.Ceil(filters, kept * (sets / side)), sums = output * (Whole.Ceil(channels, together * side) - 1);
            if (reads + 2 * sums < best)
                (best, ifmap, psum) = (reads + 2 * sums, reads, sums);
        }

        // Weights stay in the scratchpads while the images of a batch pass (JSSC 2017 takes up to four), and come again for each strip.
        double passes = folds;
        return new RowStationaryMapping(r, s, together, strip, folds, sets, active, cycles, ifmap, psum, layer.Weights * passes,
            layer.Weights * passes * strip);
    }
}
