using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Execution;

/// <summary>
/// An integer graph with the shapes of a network and seeded weights: cycles and traffic of its program depend on shapes and formats alone.
/// 6-bit(k) operands, 8-bit(k) first and last weights, an input of two terms; maps that are added or averaged are kept plain as well, as
/// the
/// quantizer does.
/// </summary>
internal sealed class SeededGraph
{
    private const int Seed = 2022, Limit = 1 << 30, Shift = 30;

    private static readonly bool[] Forms = [false, true];

    private readonly Network _network;
    private readonly PatternFormat _operand, _weights, _ends;
    private readonly GraphBuilder _builder;
    private readonly Dictionary<(int Layer, bool Plain), string> _made = [];
    private readonly Random _random = new(Seed);

    private SeededGraph(Network network, int bits, int patternLength, int terms)
    {
        _network = network;
        _operand = PatternFormat.Window(bits, Math.Min(patternLength, bits - 1), false);
        _weights = PatternFormat.Window(bits, Math.Min(patternLength, bits - 1), true);
        _ends = PatternFormat.Window(8, patternLength, true);
        LayerShape first = network.Layers[0];
        _builder = new GraphBuilder(network.Name, "input", new Shape(first.C, first.H, first.W),
            new InputEncoding(PatternFormat.Window(8, patternLength, false), terms, 1));
        _made[(-1, false)] = "input";
    }

    /// <summary>Makes the graph.</summary>
    /// <param name="network">The shapes; the last layer is the output.</param>
    /// <param name="bits">Operand bits B.</param>
    /// <param name="patternLength">Pattern length k.</param>
    /// <param name="terms">Terms of the input.</param>
    public static Graph Of(Network network, int bits, int patternLength, int terms) =>
        new SeededGraph(network, bits, patternLength, terms).Build();

    private Graph Build()
    {
        for (int i = 0; i < _network.Layers.Length; i++)
            Make(i);
        return _builder.Build(_made[(_network.Layers.Length - 1, true)]);
    }

    private void Make(int i)
    {
        LayerShape layer = _network.Layers[i];
        bool isOutput = i == _network.Layers.Length - 1;
        switch (layer.Kind)
        {
            case LayerKind.Convolution:
                // A sum behind it is part of its requantization: it is made there.
                if (!isOutput && Readers(i) is [{ Kind: LayerKind.Add } sum] && sum.Sources.IndexOf(i) == 0)
                    _made[(i, false)] = Sums(layer);
                else
                    Store(i, Sums(layer), null, isOutput);
                break;
            case LayerKind.Add:
                Store(i, _made[(layer.Sources[0], false)], _made[(layer.Sources[1], true)], isOutput);
                break;
            case LayerKind.MaxPool:
                foreach (bool plain in Forms.Where(plain => _made.ContainsKey((layer.Sources[0], plain))))
                    _made[(i, plain)] = Add(layer.Name, new MaxPool(layer.Window, layer.CeilMode), _made[(layer.Sources[0], plain)]);
                break;
            case LayerKind.AveragePool:
                Store(i, Add(layer.Name, new SumPool(layer.Window, layer.CeilMode), _made[(layer.Sources[0], true)]), null, isOutput);
                break;
            case LayerKind.Concat:
                _made[(i, false)] = Add(layer.Name, new Concat(), [.. layer.Sources.Select(source => _made[(source, false)])]);
                break;
            default:
                throw new NotSupportedException($"{layer.Name}: a step of this kind has no seeded form");
        }
    }

    private string Sums(LayerShape layer)
    {
        PatternFormat format = layer.IsFirst || layer.IsLast ? _ends : _weights;
        string source = _made[(layer.Sources[0], false)];
        sbyte[] values = [.. format.Values().Select(value => (sbyte)value)];
        byte[] random = new byte[layer.Weights / (layer.C / layer.Groups) * (_builder.TypeOf(source).Shape.Channels / layer.Groups)];
        _random.NextBytes(random);
        return Add(layer.Name, new IntegerConv(layer.K, layer.Window, layer.Groups, format,
            ImmutableCollectionsMarshal.AsImmutableArray(Array.ConvertAll(random, x => values[x % values.Length])), [.. new int[layer.K]]),
                source);
    }

    // Stores what the readers want: on the pattern for convolutions, plain for sums and means; the output as scores.
    private void Store(int i, string a, string? b, bool isOutput)
    {
        LayerShape layer = _network.Layers[i];
        if (isOutput)
        {
            _made[(i, true)] = Requantize(layer, a, b, PatternFormat.Int32, 1);
            return;
        }

        LayerKind[] kinds = [.. ReadersThroughPools(i).Select(reader => reader.Kind)];
        double reach = layer.HasWeights ? (double)layer.R * layer.S * (layer.C / layer.Groups) : 1;
        if (kinds.Any(kind => kind is LayerKind.Convolution or LayerKind.Concat))
            _made[(i, false)] = Requantize(layer, a, b, _operand, reach);
        if (kinds.Any(kind => kind is LayerKind.Add or LayerKind.AveragePool))
            _made[(i, true)] = Requantize(layer, a, b, PatternFormat.Uniform(8, false), reach);
    }

    private string Requantize(LayerShape layer, string a, string? b, PatternFormat format, double reach)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1), channels = _builder.TypeOf(a).Shape.Channels;
        int m = format.Bits == 32 ? Limit : (int)(Limit / (Math.Sqrt(reach) * 8));
        // Multipliers that differ from channel to channel, as those of a trained network do.
        Requantize op = new([.. Enumerable.Range(0, channels).Select(c => m - c)], false, b is null ? 0 : 1 << 29, [], Shift,
            format.Bits == 32 ? -limit : 0, limit, format);
        return Add(layer.Name + ".q", op, b is null ? [a] : [a, b]);
    }

    private LayerShape[] Readers(int i) => [.. _network.Layers.Where(layer => layer.Sources.Contains(i))];

    private IEnumerable<LayerShape> ReadersThroughPools(int i)
    {
        for (int j = i + 1; j < _network.Layers.Length; j++)
        {
            if (!_network.Layers[j].Sources.Contains(i))
                continue;
            yield return _network.Layers[j];
            if (_network.Layers[j].Kind is LayerKind.MaxPool or LayerKind.Concat)
            {
                foreach (LayerShape reader in ReadersThroughPools(j))
                    yield return reader;
            }
        }
    }

    private string Add(string name, Op op, params string[] inputs) => _builder.Add(name, op, inputs);
}
