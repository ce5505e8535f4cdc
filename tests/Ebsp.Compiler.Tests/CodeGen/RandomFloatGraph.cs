using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>
/// Random small float networks whose input is read in every way, with concatenations of any producers at any channel: shared, nested, of
/// pools, slices, functions and the input itself.
/// </summary>
internal sealed class RandomFloatGraph
{
    private readonly Random _random;
    private readonly SmallNetwork _net;
    private readonly List<string> _maps = ["x"];

    private RandomFloatGraph(int seed)
    {
        _random = new Random(seed);
        _net = new SmallNetwork(seed, new Shape(Pick(1, 2, 3, 5, 8, 12), _random.Next(4, 11), _random.Next(4, 11)));
    }

    /// <summary>The network of a seed.</summary>
    public static Graph Make(int seed) => new RandomFloatGraph(seed).Build();

    private Graph Build()
    {
        for (int i = _random.Next(3, 9); i > 0; i--)
            _maps.Add(Step(_maps[_random.Next(_maps.Count)]));
        string scores = _net.Full(_maps[^_random.Next(1, Math.Min(3, _maps.Count) + 1)], _random.Next(2, 12));
        // Any tensor may be an output too, one that others read as well.
        string[] others = [.. _maps.Skip(1).Where(_ => _random.Next(6) == 0).Append(scores).Distinct()];
        return _net.Build(_random.Next(3) > 0 ? [scores] : [.. others.Reverse()], _random.Next(2) == 0);
    }

    // Maps side by side, one map several times, or channels spread over pixels.
    private string Assembled(string a)
    {
        Shape shape = _net.ShapeOf(a);
        if (shape.Height * shape.Width > 256)
            return a;
        switch (_random.Next(4))
        {
            case 0:
                string b = Same(shape);
                return _net.Node(new Assemble(2 * shape.Height, shape.Width,
                    [new(0, shape.Width, 1), new(shape.Height * shape.Width, shape.Width, 1)]), a, b);
            case 1:
                return _net.Node(new Assemble(shape.Height, 2 * shape.Width,
                    [new(0, 2 * shape.Width, 2), new(1, 2 * shape.Width, 2)]), a, a);
            case 2:
                string c = _net.Conv(a, shape.Channels, 1);
                return _net.Node(new Assemble(2 * shape.Height, shape.Width,
                    [new(shape.Width, 2 * shape.Width, 1), new(0, 2 * shape.Width, 1)]), a, c);
            default:
                return _net.Node(new Assemble(1, shape.Height * shape.Width, [new(0, shape.Width, 1)]), a);
        }
    }

    private string Step(string a)
    {
        Shape shape = _net.ShapeOf(a);
        KernelWindow three = new(3, 3, 1, 1, 1, 1, 1, 1);
        switch (_random.Next(15))
        {
            case 13 or 14:
                return Assembled(a);
            case 0 or 1:
                return _net.Relu(_net.Conv(a, Pick(3, 5, 8, 12, 16), 3, pad: 1));
            case 2:
                return _net.Conv(a, Pick(3, 5, 8, 12, 16), 1);
            case 3:
                return _net.Affine(a);
            case 4:
                return _net.Relu(a);
            case 5:
                return _net.Add(a, _net.Conv(Sized(shape), shape.Channels, 3, pad: 1));
            case 6:
                return _net.Add(a, Same(shape));
            case 7:
                return _net.Node(new MaxPool(three, false), a);
            case 8:
                return _net.Node(new AveragePool(three, false, _random.Next(2) == 0), a);
            case 9:
                return _net.Point(_random.Next(2) == 0 ? PointFunctionKind.Sigmoid : PointFunctionKind.Tanh, a);
            case 10 when shape.Channels > 1:
                int first = _random.Next(shape.Channels), count = _random.Next(1, shape.Channels - first + 1);
                return _net.Node(new Slice(first, count, 0, 1, shape.Height, 0, 1, shape.Width), a);
            default:
                string[] parts = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Sized(shape)), a];
                return parts.Sum(part => _net.ShapeOf(part).Channels) <= 64 ? _net.Node(new Concat(), parts) : _net.Relu(a);
        }
    }

    // A map of as many rows and columns.
    private string Sized(Shape shape)
    {
        string[] fitting = [.. _maps.Where(map => (_net.ShapeOf(map).Height, _net.ShapeOf(map).Width) == (shape.Height, shape.Width))];
        return fitting[_random.Next(fitting.Length)];
    }

    private string Same(Shape shape)
    {
        string[] fitting = [.. _maps.Where(map => _net.ShapeOf(map) == shape)];
        return fitting[_random.Next(fitting.Length)];
    }

    private int Pick(params int[] choices) => choices[_random.Next(choices.Length)];
}
