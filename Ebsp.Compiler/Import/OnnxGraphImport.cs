using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>One import: walks the nodes in order, maps what maps and collects what does not.</summary>
internal sealed class OnnxGraphImport
{
    private const int NamesShown = 8;

    private readonly string? _file;
    private readonly ModelProto _model;
    private readonly GraphProto _graph;
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly List<ImportedNode> _nodes = [];
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly List<(string Name, string Operator, string Reason)> _refused = [];
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly ExternalFiles _external;
    private readonly EvaluationBudget _budget;
    private long _batchSize;

    public OnnxGraphImport(ModelProto model, string? file)
    {
        _model = model;
        _graph = model.Graph;
        _file = file;
        _external = new ExternalFiles(file);
        _budget = new EvaluationBudget(file);
    }

    public ImportReport Run()
    {
        int opset = Opset();
        ValueInfoProto input = Interface(out string output);
        bool[] live = Live(output);
        ReadConstants();
        GraphBuilder builder = new(_graph.Name.Length == 0 ? "model" : _graph.Name, input.Name, InputShape(input, out OnnxValue value));
        _values[input.Name] = value;
        if (!_made.Add(input.Name))
            throw Invalid(input.Name, "the input is a constant too");
        _names.UnionWith(_graph.Node.SelectMany(node => node.Output));
        for (int i = 0; i < _graph.Node.Count; i++)
            Map(_graph.Node[i], live[i], opset, builder);
        Graph? graph = Finish(builder, output, opset);
        return new ImportReport(_file, opset, [.. _nodes], [.. _diagnostics], graph) { ExternalFiles = [.. _external.Files] };
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

    private ValueInfoProto Interface(out string output)
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
        if (_graph.Output.Count != 1)
            throw BadInterface($"the model has {_graph.Output.Count} outputs: " +
                $"{string.Join(", ", _graph.Output.Take(NamesShown).Select(each => each.Name))}");
        output = _graph.Output[0].Name;
        return inputs[0];
    }

    private Shape InputShape(ValueInfoProto input, out OnnxValue value)
    {
        TypeProto.Types.Tensor? type = input.Type?.TensorType;
        if (type is null || type.ElemType != 1)
            throw BadInterface($"the input '{input.Name}' is not float32");
        List<TensorShapeProto.Types.Dimension> dims = [.. type.Shape?.Dim ?? []];
        string text = string.Join(" x ",
            dims.Select(d => d.DimParam.Length != 0 ? d.DimParam : d.DimValue.ToString(CultureInfo.InvariantCulture)));
        if (dims.Count is < 1 or > HostTensor.MaxRank || dims.Skip(1).Any(d => d.DimValue is < 1 or > int.MaxValue))
            throw BadInterface($"the input '{input.Name}' has shape {text}");
        // Eight factors of 31 bits each do not fit an int64 product.
        if (dims.Skip(1).Aggregate((Int128)1, (product, dim) =>
            Int128.Min(product * dim.DimValue, long.MaxValue)) > TypeInference.MaxElements / 2)
            throw DiagnosticDescriptors.ModelLimit.Error(_file, null, $"an input of shape {text}");
        _batchSize = Math.Max(dims[0].DimValue, 0);
        int[] one = [.. dims.Skip(1).Select(d => (int)d.DimValue)];
        value = new ActivationValue(input.Name, one);
        if (one.Length == 3 && IsTurnedFirst(input.Name))
        {
            value = new ChannelsLastValue(input.Name);
            return new Shape(one[2], one[0], one[1]);
        }

        return one.Length switch
        {
            0 => new Shape(1, 1, 1),
            1 => new Shape(one[0], 1, 1),
            2 => new Shape(one[0], 1, one[1]),
            // More axes than three are a map of many rows to everything that works value by value.
            _ => new Shape(one[0], one[1..^1].Aggregate(1, (product, dim) => product * dim), one[^1]),
        };
    }

    /// <summary>Whether all that reads the input turns [N, H, W, C] to [N, C, H, W].</summary>
    private bool IsTurnedFirst(string input)
    {
        NodeProto[] readers = [.. _graph.Node.Where(node => node.Input.Contains(input))];
        return readers.Length != 0 && readers.All(node => node.OpType == "Transpose"
            && node.Attribute.Any(attribute => attribute.Name == "perm" && attribute.Ints.SequenceEqual([0L, 3L, 1L, 2L])));
    }

    /// <summary>Which nodes the output depends on.</summary>
    private bool[] Live(string output)
    {
        bool[] live = new bool[_graph.Node.Count];
        _wanted.Add(output);
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
                // A file that is absent is absent for all of its tensors.
                _diagnostics.AddRange(e.Diagnostics.Where(each => _diagnostics.All(known => known.Cause != each.Cause)));
            }
        }
    }

    private void Map(NodeProto proto, bool isLive, int opset, GraphBuilder builder)
    {
        string name = proto.Name.Length != 0 ? proto.Name : proto.Output.FirstOrDefault(o => o.Length != 0, proto.OpType);
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
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Unused, "the output does not depend on it"));
            return;
        }

        bool isOurs = proto.Domain is "" or "ai.onnx";
        OnnxOperator? op = isOurs ? OnnxOperators.All.GetValueOrDefault(proto.OpType) : null;
        OnnxEvaluator? evaluator = isOurs ? OnnxEvaluators.All.GetValueOrDefault(proto.OpType) : null;
        if (op is null && !(evaluator is not null && proto.Input.All(IsConstant)))
        {
            Refuse(name, type, evaluator is null ? "the operator is not supported" : "the operator is computed of constants alone");
            return;
        }

        if (proto.Input.Any(read => read.Length != 0 && !_values.ContainsKey(read)))
        {
            _nodes.Add(new ImportedNode(name, type, ImportStatus.NotReached, "a node before it does not map"));
            return;
        }

        try
        {
            if (proto.Output.Count == 0 || proto.Output[0].Length == 0)
                throw Invalid(name, "the node has no output");
            string mapsTo = evaluator is not null && proto.Input.All(IsConstant)
                ? Fold(evaluator, proto, name, opset)
                : Import(op!, proto, name, opset, builder);
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Mapped, mapsTo));
        }
        catch (NotMappedException e)
        {
            Refuse(name, type, e.Message);
        }
        catch (EbspException e)
        {
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Refused, e.Diagnostics[0].Cause));
            _diagnostics.AddRange(e.Diagnostics);
        }
    }

    private string Import(OnnxOperator op, NodeProto proto, string name, int opset, GraphBuilder builder)
    {
        for (int i = 1; i < proto.Output.Count; i++)
        {
            if (proto.Output[i].Length != 0 && _wanted.Contains(proto.Output[i]))
                throw new NotMappedException("more than the first output is read");
        }

        OnnxNode node = new(proto, name, opset, builder, _values, Unused, _batchSize, _file);
        op.Import(node);
        return node.MapsTo;

        string Unused(string wish)
        {
            string found = builder.Unused(wish);
            while (!_names.Add(found))
                found = builder.Unused(found + "_");
            return found;
        }
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

    private Graph? Finish(GraphBuilder builder, string output, int opset)
    {
        HashSet<string> consumed = [.. builder.Nodes.SelectMany(node => node.Inputs)];
        foreach (Node node in builder.Nodes)
        {
            if (node.Op is Softmax or LogSoftmax or ArgMax && consumed.Contains(node.Output))
                _refused.Add((node.Name, node.Op.GetType().Name, "not the last node, where the host does it"));
        }

        foreach (IGrouping<(string, string),
            (string Name, string Operator, string Reason)> group in _refused.GroupBy(each => (each.Operator, each.Reason)))
        {
            string[] names = [.. group.Select(each => each.Name)];
            string shown = string.Join(", ", names.Take(NamesShown))
                + (names.Length > NamesShown ? string.Create(CultureInfo.InvariantCulture, $" and {names.Length - NamesShown} more") : "");
            _diagnostics.Add(DiagnosticDescriptors.OperatorNotSupported.At(_file, shown, group.Key.Item1, names.Length, opset,
                group.Key.Item2,
                NearestForms.Of(group.Key.Item1)));
        }

        if (_diagnostics.Count != 0)
            return null;
        if (!_values.TryGetValue(output, out OnnxValue? value) || value is not ActivationValue { Tensor: { } tensor }
            || builder.Nodes.Count == 0)
        {
            _diagnostics.Add(DiagnosticDescriptors.ModelInterface.At(_file, null, $"the output '{output}' is not computed from the input"));
            return null;
        }

        if (value is ActivationValue { Stored: not null })
        {
            _diagnostics.Add(DiagnosticDescriptors.ModelInterface.At(_file, null,
                $"the output '{output}' holds quantized integers, without a DequantizeLinear"));
            return null;
        }

        Graph graph = builder.Build(tensor);
        _diagnostics.AddRange(Verifier.Check(graph).Select(each => each with { File = _file }));
        return _diagnostics.Count == 0 ? graph : null;
    }

    private EbspException Invalid(string? node, string cause) => DiagnosticDescriptors.InvalidModel.Error(_file, node, cause);

    private EbspException BadInterface(string cause) => DiagnosticDescriptors.ModelInterface.Error(_file, null, cause);
}
