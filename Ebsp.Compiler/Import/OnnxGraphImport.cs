using System.Globalization;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>One import: walks the nodes in order, maps what maps and collects what does not.</summary>
internal sealed class OnnxGraphImport
{
    private const int NamesShown = 8;

    // The names of a graph may have 1,024: some are made of these.
    private const int MaxNameBytes = 960;

    private readonly string? _file;
    private readonly ModelProto _model;
    private readonly GraphProto _graph;
    private readonly (int Height, int Width)? _size;
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly List<ImportedNode> _nodes = [];
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly List<(string Name, string Operator, string Reason)> _refused = [];
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ExternalFiles _external;
    private readonly EvaluationBudget _budget;
    private GraphBuilder _builder = null!;
    private ChannelShuffles _shuffles = null!;
    private readonly FunctionRuns _runs = new();
    private InputForms _input = null!;

    private OnnxGraphImport(ModelProto model, string? file, (int Height, int Width)? size)
    {
        _model = model;
        _graph = model.Graph;
        _file = file;
        _size = size;
        _external = new ExternalFiles(file);
        _budget = new EvaluationBudget(file);
    }

    /// <summary>Imports a model in the first form of its input in which all of it maps, or in which most of it does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">Its path, or null.</param>
    /// <param name="size">Rows and columns that the model leaves open, or null.</param>
    /// <exception cref="EbspException">The model contradicts itself, or its ends have no place in a graph.</exception>
    public static ImportReport Run(ModelProto model, string? file, (int Height, int Width)? size)
    {
        ImportReport? best = null;
        for (int i = 0, forms = 1; i < forms && best?.IsSupported != true; i++)
        {
            OnnxGraphImport import = new(model, file, size);
            ImportReport report = import.Run(i, out forms);
            if (best is null || report.IsSupported || Mapped(report) > Mapped(best))
                best = report;
        }

        return best!;

        static int Mapped(ImportReport report) => report.Nodes.Count(node => node.Status == ImportStatus.Mapped);
    }

    private ImportReport Run(int form, out int forms)
    {
        int opset = Opset();
        ValueInfoProto input = Interface(out string[] outputs);
        bool[] live = Live(outputs);
        _input = new InputForms(_graph, input, _size, _file);
        forms = _input.All.Count;
        ReadConstants();
        InputForm chosen = _input.All[form];
        _builder = new GraphBuilder(_graph.Name.Length == 0 ? "model" : _graph.Name, input.Name, chosen.Shape);
        _shuffles = new ChannelShuffles(_builder, Unused);
        _values[input.Name] = new ActivationValue(input.Name, chosen.Layout);
        if (!_made.Add(input.Name))
            throw Invalid(input.Name, "the input is a constant too");
        _names.UnionWith(_graph.Node.SelectMany(node => node.Output));
        for (int i = 0; i < _graph.Node.Count; i++)
            Map(_graph.Node[i], live[i], opset);
        Graph? graph = Finish(outputs, opset);
        return new ImportReport(_file, opset, [.. _nodes], [.. _diagnostics], graph) { ExternalFiles = [.. _external.Files] };
    }

    // A name of a tensor that neither the graph nor the model has.
    private string Unused(string wish)
    {
        string found = _builder.Unused(wish);
        while (!_names.Add(found))
            found = _builder.Unused(found + "_");
        return found;
    }

    private int Opset()
    {
        int opset = 0;
        HashSet<string> domains = new(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in _model.OpsetImport)
        {
            string domain = import.Domain is "ai.onnx" ? "" : import.Domain;
            if (!domains.Add(domain))
                throw Invalid(null, $"the operator set of domain '{import.Domain}' is named twice");
            if (domain.Length != 0)
                continue;
            if (import.Version is < OnnxOperators.MinOpset or > OnnxOperators.MaxOpset)
                throw Unsupported(string.Create(CultureInfo.InvariantCulture, $"ai.onnx {import.Version}"));
            opset = (int)import.Version;
        }

        return opset != 0 ? opset : throw Unsupported("ai.onnx is not named");

        EbspException Unsupported(string what) =>
            DiagnosticDescriptors.OpsetNotSupported.Error(_file, null, what, OnnxOperators.MinOpset, OnnxOperators.MaxOpset);
    }

    private ValueInfoProto Interface(out string[] outputs)
    {
        HashSet<string> constants = new(StringComparer.Ordinal);
        foreach (TensorProto tensor in _graph.Initializer)
        {
            if (!constants.Add(tensor.Name))
                throw Invalid(tensor.Name, "two constants have this name");
        }

        if (_graph.SparseInitializer.Count != 0)
            throw Invalid(null, "sparse constants are not supported");
        // Before IR version 4 constants stood among the inputs.
        List<ValueInfoProto> inputs = [.. _graph.Input.Where(each => !constants.Contains(each.Name))];
        if (inputs.Count != 1)
            throw BadInterface($"the model has {inputs.Count} inputs: " +
                $"{string.Join(", ", inputs.Take(NamesShown).Select(each => each.Name))}");
        if (_graph.Output.Count is < 1 or > Verifier.MaxOutputs)
            throw BadInterface($"the model has {_graph.Output.Count} outputs, where 1 to {Verifier.MaxOutputs} can be");
        outputs = [.. _graph.Output.Select(each => each.Name)];
        return outputs.Distinct(StringComparer.Ordinal).Count() == outputs.Length ? inputs[0]
            : throw BadInterface("two outputs have one name");
    }

    /// <summary>Which nodes the outputs depend on.</summary>
    private bool[] Live(string[] outputs)
    {
        bool[] live = new bool[_graph.Node.Count];
        _wanted.UnionWith(outputs);
        for (int i = live.Length - 1; i >= 0; i--)
        {
            NodeProto node = _graph.Node[i];
            if (!node.Output.Any(_wanted.Contains))
                continue;
            live[i] = true;
            _wanted.UnionWith(node.Input);
        }

        return live;
    }

    private void ReadConstants()
    {
        List<Diagnostic> missing = [];
        HashSet<string> causes = new(StringComparer.Ordinal);
        foreach (TensorProto tensor in _graph.Initializer)
        {
            _made.Add(tensor.Name);
            if (!_wanted.Contains(tensor.Name))
                continue;
            try
            {
                HostTensor constant = TensorReader.Read(tensor, _file, _external);
                _values[tensor.Name] = new ConstantValue(new OnnxConstant(constant));
                _budget.Grant(constant.Count);
            }
            catch (NotMappedException e)
            {
                _refused.Add((tensor.Name, "Constant", e.Message));
            }
            catch (EbspException e)
            {
                // A file that is absent is absent for all of its tensors. Zeros in their place let the rest be looked at.
                missing.AddRange(e.Diagnostics.Where(each => causes.Add(each.Cause)));
                if (e.Diagnostics[0].Code == DiagnosticDescriptors.ExternalData.Code
                    && tensor.Dims.All(dim => dim is >= 0 and <= int.MaxValue) && Enum.IsDefined((ElementType)tensor.DataType))
                {
                    int[] dims = [.. tensor.Dims.Select(dim => (int)dim)];
                    _values[tensor.Name] = new ConstantValue(new OnnxConstant(
                        HostTensor.FromDoubles((ElementType)tensor.DataType, dims, new double[_budget.Count(dims)])));
                }
            }
        }

        _diagnostics.AddRange(missing.Take(NamesShown));
        if (missing.Count > NamesShown)
        {
            _diagnostics.Add(DiagnosticDescriptors.ExternalData.At(_file, null,
                string.Create(CultureInfo.InvariantCulture, $"{missing.Count - NamesShown} more constants cannot be read")));
        }
    }

    private void Map(NodeProto proto, bool isLive, int opset)
    {
        string name = proto.Name.Length != 0 ? proto.Name : proto.Output.FirstOrDefault(o => o.Length != 0, proto.OpType);
        if (proto.Output.Append(name).Max(Encoding.UTF8.GetByteCount) is > MaxNameBytes and var bytes)
            throw DiagnosticDescriptors.ModelLimit.Error(_file, null,
                string.Create(CultureInfo.InvariantCulture, $"a name of {bytes} bytes; names may have {MaxNameBytes}"));
        foreach (string read in proto.Input)
        {
            if (read.Length != 0 && !_made.Contains(read))
                throw Invalid(name, $"the input '{read}' is made by no node before it");
        }

        foreach (string made in proto.Output)
        {
            if (made.Length != 0 && !_made.Add(made))
                throw Invalid(name, $"the tensor '{made}' is made twice");
        }

        string type = proto.Domain is "" or "ai.onnx" ? proto.OpType : $"{proto.Domain}::{proto.OpType}";
        if (!isLive)
        {
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Unused, "no output depends on it"));
            return;
        }

        bool isOurs = proto.Domain is "" or "ai.onnx";
        OnnxOperator? op = isOurs ? OnnxOperators.All.GetValueOrDefault(proto.OpType) : null;
        OnnxEvaluator? evaluator = isOurs ? OnnxEvaluators.All.GetValueOrDefault(proto.OpType) : null;
        if (op is null && !(evaluator is not null && proto.Input.All(IsConstant)))
        {
            Refuse(name, type, evaluator is null ? "the operator is not supported" : "the operator is computed of constants alone");
            Guess(proto);
            return;
        }

        if (proto.Input.Any(read => read.Length != 0 && !_values.ContainsKey(read)))
        {
            _nodes.Add(new ImportedNode(name, type, ImportStatus.NotReached, "a node before it does not map"));
            Guess(proto);
            return;
        }

        try
        {
            if (proto.Output.Count == 0 || proto.Output[0].Length == 0)
                throw Invalid(name, "the node has no output");
            string mapsTo = evaluator is not null && proto.Input.All(IsConstant)
                ? Fold(evaluator, proto, name, opset)
                : Import(op!, proto, name, opset);
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Mapped, mapsTo));
        }
        catch (NotMappedException e)
        {
            Refuse(name, type, e.Message);
            Guess(proto);
        }
        catch (EbspException e)
        {
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Refused, e.Diagnostics[0].Cause));
            _diagnostics.AddRange(e.Diagnostics);
        }
    }

    /// <summary>
    /// The shape behind a node that does not map, where ONNX's rules or the model itself tell it, so that the nodes behind it are looked at
    /// too. No graph is made any more.
    /// </summary>
    private void Guess(NodeProto proto)
    {
        ActivationValue? read = proto.Input.Select(input => _values.GetValueOrDefault(input)).OfType<ActivationValue>().FirstOrDefault();
        foreach (string output in proto.Output)
        {
            if (output.Length == 0 || !_wanted.Contains(output) || _values.ContainsKey(output) || read is null)
                continue;
            Shape shape = _builder.TypeOf(read.Tensor).Shape;
            AxisLayout? layout = read.Layout;
            if (!KeepsShape.Contains(proto.OpType) && !(Declared(output) is { } own && Fits(own, layout)))
            {
                layout = Declared(output) is { Length: 4 } map && layout.IsMap(out _) && layout.Rank == 4 && map[1..].All(dim => dim > 0)
                    ? AxisLayout.Of(shape = new Shape((int)map[1], (int)map[2], (int)map[3]), layout.Lead, [0], [1], [2]) : null;
            }

            if (layout is null || shape.Elements > TypeInference.MaxElements)
                continue;
            string tensor = Unused(output + ".guess");
            _builder.Assume(tensor, new TensorType(shape));
            _values[output] = new ActivationValue(tensor, layout);
        }
    }

    // Operators whose result has the shape of their first input.
    private static readonly HashSet<string> KeepsShape =
    [
        .. PointFormulas.All.Keys, "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Clip", "PRelu", "Cast", "Identity", "Dropout",
            "Softmax", "LogSoftmax",
        "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "MeanVarianceNormalization",
            "LpNormalization",
        "LRN", "Hardmax", "CumSum", "QuantizeLinear", "DequantizeLinear", "Mod",
    ];

    private long[]? Declared(string tensor) => _graph.ValueInfo.FirstOrDefault(info =>
        info.Name == tensor)?.Type?.TensorType?.Shape is { } shape
        && shape.Dim.All(dim => dim.DimValue is >= 0 and <= int.MaxValue) ? [.. shape.Dim.Select(dim => dim.DimValue)] : null;

    private static bool Fits(long[] dims, AxisLayout layout) => dims.Length == layout.Rank
        && Enumerable.Range(0, layout.Rank).All(axis => layout.IsBatch(axis) || dims[axis] == layout.SizeWithinImage(axis));

    private string Import(OnnxOperator op, NodeProto proto, string name, int opset)
    {
        for (int i = 1; i < proto.Output.Count && !op.HasParts; i++)
        {
            if (proto.Output[i].Length != 0 && _wanted.Contains(proto.Output[i]))
                throw new NotMappedException("more than the first output is read");
        }

        OnnxNode node = new(proto, name, opset, _file, _builder, _values, Unused, _shuffles, _runs, _input.BatchSize);
        op.Import(node);
        return node.MapsTo;
    }

    /// <summary>Computes a node whose inputs are all constants.</summary>
    private string Fold(OnnxEvaluator evaluator, NodeProto proto, string name, int opset)
    {
        HostTensor?[] inputs = [.. proto.Input.Select(read => read.Length == 0 ? null : ((ConstantValue)_values[read]).Constant.Tensor)];
        if (!evaluator.IsMove && inputs.Any(input => input is { HoldsBatch: true }))
            throw new NotMappedException("arithmetic with the batch size, which is open");
        EvaluatedNode node = new(proto, name, opset, _file, inputs, _budget);
        HostTensor[] outputs = OnnxEvaluators.Run(evaluator, node);
        OnnxGrid? grid = OnnxGrid.Of(proto.OpType, node,
            [.. proto.Input.Select(read => read.Length == 0 ? null : ((ConstantValue)_values[read]).Constant)]);
        for (int i = 0; i < outputs.Length && i < proto.Output.Count; i++)
            _values[proto.Output[i]] = new ConstantValue(new OnnxConstant(outputs[i]) { Grid = i == 0 ? grid : null });
        return "a constant";
    }

    private bool IsConstant(string read) => read.Length == 0 || _values.GetValueOrDefault(read) is ConstantValue;

    private void Refuse(string name, string type, string reason)
    {
        _nodes.Add(new ImportedNode(name, type, ImportStatus.Refused, reason));
        _refused.Add((name, type, reason));
    }

    private Graph? Finish(string[] outputs, int opset)
    {
        HashSet<string> consumed = [.. _builder.Nodes.SelectMany(node => node.Inputs)];
        foreach (Node node in _builder.Nodes)
        {
            if (node.Op is Softmax or LogSoftmax or ArgMax or Normalize && consumed.Contains(node.Output))
                _refused.Add((node.Name, node.Op is Normalize ? "LpNormalization" : node.Op.GetType().Name,
                    "not the last node of an output, where the host does it"));
        }

        ActivationValue?[] results = [.. outputs.Select(Output)];
        foreach (IGrouping<(string, string), (string Name, string Operator, string Reason)> group in _refused
            .GroupBy(each => (each.Operator, each.Reason)))
        {
            string[] names = [.. group.Select(each => each.Name)];
            string shown = string.Join(", ", names.Take(NamesShown))
                + (names.Length > NamesShown ? string.Create(CultureInfo.InvariantCulture, $" and {names.Length - NamesShown} more") : "");
            _diagnostics.Add(DiagnosticDescriptors.OperatorNotSupported.At(_file, shown, group.Key.Item1, names.Length, opset,
                group.Key.Item2, NearestForms.Of(group.Key.Item1)));
        }

        if (_diagnostics.Count != 0 || results.Contains(null))
            return null;
        AxisLayout input = ((ActivationValue)_values[_builder.InputName]).Layout;
        Graph graph = Pruned(outputs, [.. results.Select(result => result!)]) with { InputChannelsLast = !input.IsInOrder };
        if (!_input.Type.IsFloat())
            graph = PixelPreprocessing.Moved(graph);
        _diagnostics.AddRange(Verifier.Check(graph).Select(each => each with { File = _file }));
        return _diagnostics.Count == 0 ? graph : null;
    }

    // The tensor behind the output, its elements in the order in which the host hands them on.
    private ActivationValue? Output(string output)
    {
        if (!_values.TryGetValue(output, out OnnxValue? value) && _diagnostics.Count + _refused.Count > 0)
            return null;
        try
        {
            if (value is not ActivationValue found || output == _builder.InputName)
                throw new NotMappedException("is not computed from the input");
            if (found.Stored is not null)
                throw new NotMappedException("holds quantized integers, without a DequantizeLinear");
            if (found.Pending is not null)
                throw new NotMappedException("has a constant for each element, which a fully connected layer alone takes");
            if (!found.Layout.IsInOrder && !found.Layout.IsChannelsLast && found.Layout.HasBatchFirst)
                found = Assembled(output, found) ?? found;
            found = _shuffles.InOrderOrSame(found);
            if (!found.Layout.IsInOrder && !found.Layout.IsChannelsLast || !found.Layout.HasBatchFirst && _input.Batch == 0)
                throw new NotMappedException($"has the axes of a map {_builder.TypeOf(found.Tensor).Shape} in the order {found.Layout}");
            // A network of bookkeeping alone is one operation that changes nothing.
            return found.Tensor != _builder.InputName ? found : found with
            {
                Tensor = _builder.Add(output, new Clamp(float.NegativeInfinity, float.PositiveInfinity), [found.Tensor], Unused(output)),
            };
        }
        catch (NotMappedException e)
        {
            _diagnostics.Add(DiagnosticDescriptors.ModelInterface.At(_file, null, $"the output '{output}' {e.Message}"));
            return null;
        }
    }

    // Pixels in another order than they are stored, with some of the channels each: as heads of detectors are read.
    private ActivationValue? Assembled(string output, ActivationValue found)
    {
        NodeProto? maker = _graph.Node.FirstOrDefault(node => node.Output.Contains(output));
        if (maker is null || found.Layout.HasChannelsInOrder && found.Layout.ChannelAxes() is [_])
            return null;
        OnnxNode node = new(maker, output, 0, _file, _builder, _values, Unused, _shuffles, _runs, _input.BatchSize);
        return node.Assembled(found, found.Rank - 1);
    }

    // What tables made superfluous is read by nobody. Several outputs are told apart by the names that the model gives them, whatever
    // tensors are behind them.
    private Graph Pruned(string[] names, ActivationValue[] results)
    {
        Dictionary<string, string> renamed = new(StringComparer.Ordinal);
        string[] tensors = [.. results.Select(result => result.Tensor)];
        for (int i = 0; i < names.Length && names.Length > 1; i++)
        {
            if (renamed.ContainsKey(tensors[i]))
                tensors[i] = _builder.Add(names[i], new Clamp(float.NegativeInfinity, float.PositiveInfinity), [tensors[i]],
                    Unused(names[i] + ".same"));
            renamed.Add(tensors[i], names[i]);
        }

        HashSet<string> read = [.. tensors];
        foreach (Node node in _builder.Nodes.Reverse())
        {
            if (read.Contains(node.Output))
                read.UnionWith(node.Inputs);
        }

        Graph whole = _builder.Build(tensors[0]);
        if (names.Length > 1 || !whole.Nodes.All(node => read.Contains(node.Output)))
        {
            GraphBuilder builder = GraphBuilder.Like(whole);
            foreach (Node node in whole.Nodes.Where(node => read.Contains(node.Output)))
                builder.Add(node.Name, node.Op, [.. node.Inputs.Select(Renamed)], Renamed(node.Output));
            whole = builder.Build(Renamed(tensors[0]));
        }

        return whole.WithOutputs([.. results.Select((result, i) =>
            new GraphOutput(Renamed(tensors[i]), ChannelsLast: !result.Layout.IsInOrder))]);

        string Renamed(string tensor) => renamed.GetValueOrDefault(tensor, tensor);
    }

    private EbspException Invalid(string? node, string cause) => DiagnosticDescriptors.InvalidModel.Error(_file, node, cause);

    private EbspException BadInterface(string cause) => DiagnosticDescriptors.ModelInterface.Error(_file, null, cause);
}
