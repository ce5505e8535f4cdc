namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Integers and scale of one output channel's weights.</summary>
/// <param name="Scale">Real weight of one unit.</param>
/// <param name="Values">The integers, in the order of the weights.</param>
internal readonly record struct ChannelWeights(double Scale, int[] Values);

/// <summary>
/// Rounds the weights of one group of output channels onto a pattern set. With second moments H of the inputs it minimizes
/// (w - s q)^T H (w - s q): one weight after another with feedback of the error (as GPTQ does), then by coordinate descent and refits
/// of the scale; without, each weight goes to its nearest value.
/// </summary>
internal sealed class WeightSolver
{
    private const int Sweeps = 8;
    private const int Refits = 3;

    private readonly NearestTable _nearest;
    private readonly Segment[] _segments;

    /// <summary>Prepares the factors of a group.</summary>
    /// <param name="nearest">The set of the weights.</param>
    /// <param name="moments">H of each segment, positive definite; empty without feedback.</param>
    public WeightSolver(NearestTable nearest, IReadOnlyList<double[,]> moments)
    {
        _nearest = nearest;
        int start = 0;
        List<Segment> segments = [];
        foreach (double[,] each in moments)
        {
            segments.Add(new Segment(start, each));
            start += each.GetLength(0);
        }

        _segments = [.. segments];
    }

    /// <summary>The rounded weights of a channel.</summary>
    /// <param name="weights">Real weights.</param>
    /// <param name="least">Least scale.</param>
    public ChannelWeights Solve(double[] weights, double least)
    {
        double largest = weights.Max(Math.Abs);
        if (largest == 0)
            return new ChannelWeights(least, new int[weights.Length]);
        return _segments.Length == 0 ? Nearest(weights, largest, least) : Feedback(weights, largest, least);
    }

    /// <summary>Nearest values on a given scale.</summary>
    public int[] Round(double[] weights, double scale) => Array.ConvertAll(weights, w => _nearest.Value(w / scale));

    private ChannelWeights Nearest(double[] weights, double largest, double least)
    {
        double best = least, lowest = double.PositiveInfinity;
        foreach (double candidate in ScaleSearch.Scales(largest, _nearest, 0.3))
        {
            double scale = Math.Max(candidate, least), error = 0;
            foreach (double weight in weights)
            {
                double difference = Math.Abs(weight) - scale * _nearest.Magnitude(Math.Abs(weight) / scale);
                error += difference * difference;
            }

            if (error < lowest)
                (best, lowest) = (scale, error);
        }

        return new ChannelWeights(best, Round(weights, best));
    }

    private ChannelWeights Feedback(double[] weights, double largest, double least)
    {
        double lowest = double.PositiveInfinity;
        ChannelWeights best = default;
        foreach (double candidate in ScaleSearch.Scales(largest, _nearest, 0.4).Where((_, i) => i % 3 == 0))
        {
            double scale = Math.Max(candidate, least), error = 0;
            int[] values = new int[weights.Length];
            foreach (Segment segment in _segments)
                error += segment.Round(weights, scale, _nearest, values);
            if (error < lowest)
                (best, lowest) = (new ChannelWeights(scale, values), error);
        }

        for (int i = 0; i < Refits; i++)
        {
            double above = 0, below = 0;
            bool changed = false;
            double scale = best.Scale;
            foreach (Segment segment in _segments)
            {
                changed |= segment.Descend(weights, scale, _nearest, best.Values, Sweeps);
                (double a, double b) = segment.Projections(weights, best.Values);
                above += a;
                below += b;
            }

            if (below > 0 && above > 0)
                scale = Math.Max(above / below, least);
            best = best with { Scale = scale };
            if (!changed && i > 0)
                break;
        }

        return best;
    }

    // A run of weights whose moments are known together.
    private sealed class Segment
    {
        private readonly int _start;
        private readonly int[] _order;
        private readonly double[][] _moments;
        private readonly double[][] _feedback;
        private readonly double[] _diagonal;

        public Segment(int start, double[,] moments)
        {
            int n = moments.GetLength(0);
            _start = start;
            // The weights that matter most first, while there are others left to make up for them.
            _order = [.. Enumerable.Range(0, n).OrderByDescending(i => moments[i, i]).ThenBy(i => i)];
            _moments = new double[n][];
            for (int i = 0; i < n; i++)
            {
                _moments[i] = new double[n];
                for (int j = 0; j < n; j++)
                    _moments[i][j] = moments[i, j];
            }

            // H = R R^T with R upper triangular in this order: the factor of the matrix in reverse order, read backwards.
            double[,] reversed = new double[n, n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                    reversed[n - 1 - i, n - 1 - j] = moments[_order[i], _order[j]];
            }

            double[][] lower = Cholesky.Factor(reversed);
            _feedback = new double[n][];
            _diagonal = new double[n];
            for (int i = 0; i < n; i++)
            {
                _diagonal[i] = lower[n - 1 - i][n - 1 - i];
                _feedback[i] = new double[i];
                for (int j = 0; j < i; j++)
                    _feedback[i][j] = lower[n - 1 - j][n - 1 - i] / _diagonal[i];
            }
        }

        /// <summary>Rounds in order, each weight after what the errors so far ask of it; the error in terms of H.</summary>
        public double Round(double[] weights, double scale, NearestTable nearest, int[] values)
        {
            double[] errors = new double[_order.Length];
            double sum = 0;
            for (int i = 0; i < errors.Length; i++)
            {
                int at = _start + _order[i];
                double carried = Dot.Of(_feedback[i], errors, i);
                int value = nearest.Value((weights[at] + carried) / scale);
                values[at] = value;
                errors[i] = weights[at] - scale * value;
                double component = _diagonal[i] * (errors[i] + carried);
                sum += component * component;
            }

            return sum;
        }

        /// <summary>Moves single weights to their best value, the others held, until none moves.</summary>
        public bool Descend(double[] weights, double scale, NearestTable nearest, int[] values, int sweeps)
        {
            int n = _order.Length;
            double[] errors = new double[n];
            for (int i = 0; i < n; i++)
                errors[i] = weights[_start + i] - scale * values[_start + i];
            double[] gradient = new double[n];
            for (int i = 0; i < n; i++)
                gradient[i] = Dot.Of(_moments[i], errors, n);
            bool any = false;
            for (int sweep = 0; sweep < sweeps; sweep++)
            {
                bool changed = false;
                for (int i = 0; i < n; i++)
                {
                    int value = values[_start + i];
                    int better = nearest.Value(value + gradient[i] / (scale * _moments[i][i]));
                    if (better == value)
                        continue;
                    double step = scale * (better - value);
                    if (step * step * _moments[i][i] - 2 * step * gradient[i] > -1e-12 * step * step * _moments[i][i])
                        continue;
                    values[_start + i] = better;
                    changed = true;
                    double[] row = _moments[i];
                    for (int j = 0; j < n; j++)
                        gradient[j] -= step * row[j];
                }

                any |= changed;
                if (!changed)
                    break;
            }

            return any;
        }

        /// <summary>w^T H q and q^T H q.</summary>
        public (double Above, double Below) Projections(double[] weights, int[] values)
        {
            int n = _order.Length;
            double[] w = new double[n], q = new double[n];
            for (int i = 0; i < n; i++)
                (w[i], q[i]) = (weights[_start + i], values[_start + i]);
            double above = 0, below = 0;
            for (int i = 0; i < n; i++)
            {
                double row = Dot.Of(_moments[i], q, n);
                above += w[i] * row;
                below += q[i] * row;
            }

            return (above, below);
        }
    }
}
