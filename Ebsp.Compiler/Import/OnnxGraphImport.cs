using System.Globalization;
using Ebsp.Compiler.Diagnostics;
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

    public OnnxGraphImport(ModelProto model, string? file)
    {
        _model = model;
        _graph = model.Graph;
        _file = file;
    }

    public ImportReport Run()
    {
        int opset = Opset();
        ValueInfoProto input = Interface(out string output);
        bool[] live = Live(output);
        ReadConstants(live);
        GraphBuilder builder = new(_graph.Name.Length == 0 ? "model" : _graph.Name, input.Name, InputShape(input, out bool isFlat));
        _values[input.Name] = new ActivationValue(input.Name, isFlat);
        if (!_made.Add(input.Name))
            throw Invalid(input.Name, "the input is a constant too");
        for (int i = 0; i < _graph.Node.Count; i++)
            Map(_graph.Node[i], live[i], opset, builder);
        Graph? graph = Finish(builder, output, opset);
        return new ImportReport(_file, opset, [.. _nodes], [.. _diagnostics], graph);
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
            throw BadInterface($"the model has {inputs.Count} inputs: {string.Join(", ", inputs.Take(NamesShown).Select(each => each.Name))}");
        if (_graph.Output.Count != 1)
            throw BadInterface($"the model has {_graph.Output.Count} outputs: {string.Join(", ", _graph.Output.Take(NamesShown).Select(each => each.Name))}");
        output = _graph.Output[0].Name;
        return inputs[0];
    }

    private Shape InputShape(ValueInfoProto input, out bool isFlat)
    {
        TypeProto.Types.Tensor? type = input.Type?.TensorType;
        if (type is null || type.ElemType != 1)
            throw BadInterface($"the input '{input.Name}' is not float32");
        List<TensorShapeProto.Types.Dimension> dims = [.. type.Shape?.Dim ?? []];
        isFlat = dims.Count == 2;
        string text = string.Join(" x ", dims.Select(d => d.DimParam.Length != 0 ? d.DimParam : d.DimValue.ToString(CultureInfo.InvariantCulture)));
        if (dims.Count is not (2 or 4) || dims.Skip(1).Any(d => d.DimValue is < 1 or > int.MaxValue))
            throw BadInterface($"the input '{input.Name}' has shape {text}");
        Shape shape = isFlat
            ? new Shape((int)dims[1].DimValue, 1, 1)
            : new Shape((int)dims[1].DimValue, (int)dims[2].DimValue, (int)dims[3].DimValue);
        // Three factors of 31 bits each do not fit an int64 product.
        return (Int128)shape.Channels * shape.Height * shape.Width <= TypeInference.MaxElements / 2
            ? shape
            : throw DiagnosticDescriptors.ModelLimit.Error(_file, null, $"an input of shape {text}");
    }

    /// <summary>Which nodes the output depends on.</summary>
    private bool[] Live(string output)
    {
        bool[] live = new bool[_graph.Node.Count];
        HashSet<string> wanted = new(StringComparer.Ordinal) { output };
        for (int i = live.Length - 1; i >= 0; i--)
        {
            NodeProto node = _graph.Node[i];
            if (!node.Output.Any(wanted.Contains))
                continue;
            live[i] = true;
            wanted.UnionWith(node.Input);
        }

        return live;
    }

    private void ReadConstants(bool[] live)
    {
        HashSet<string> wanted = new(StringComparer.Ordinal);
        for (int i = 0; i < live.Length; i++)
        {
            if (live[i])
                wanted.UnionWith(_graph.Node[i].Input);
        }

        foreach (TensorProto tensor in _graph.Initializer)
        {
            _made.Add(tensor.Name);
            if (!wanted.Contains(tensor.Name))
                continue;
            try
            {
                _values[tensor.Name] = new ConstantValue(OnnxConstant.Read(tensor, _file));
            }
            catch (NotMappedException e)
            {
                _refused.Add((tensor.Name, "Constant", e.Message));
            }
            catch (EbspException e)
            {
                _diagnostics.AddRange(e.Diagnostics);
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

        if (proto.Domain is not ("" or "ai.onnx") || !OnnxOperators.All.TryGetValue(proto.OpType, out OnnxOperator? op))
        {
            Refuse(name, type, "the operator is not supported");
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
            OnnxNode node = new(proto, name, opset, builder, _values, _file);
            op.Import(node);
            _nodes.Add(new ImportedNode(name, type, ImportStatus.Mapped, node.MapsTo));
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

        foreach (IGrouping<(string, string), (string Name, string Operator, string Reason)> group in _refused.GroupBy(each => (each.Operator, each.Reason)))
        {
            string[] names = [.. group.Select(each => each.Name)];
            string shown = string.Join(", ", names.Take(NamesShown))
                + (names.Length > NamesShown ? string.Create(CultureInfo.InvariantCulture, $" and {names.Length - NamesShown} more") : "");
            _diagnostics.Add(DiagnosticDescriptors.OperatorNotSupported.At(_file, shown, group.Key.Item1, names.Length, opset, group.Key.Item2));
        }

        if (_diagnostics.Count != 0)
            return null;
        if (!_values.TryGetValue(output, out OnnxValue? value) || value is not ActivationValue { Tensor: { } tensor } || builder.Nodes.Count == 0)
        {
            _diagnostics.Add(DiagnosticDescriptors.ModelInterface.At(_file, null, $"the output '{output}' is not computed from the input"));
            return null;
        }

        Graph graph = builder.Build(tensor);
        _diagnostics.AddRange(Verifier.Check(graph).Select(each => each with { File = _file }));
        return _diagnostics.Count == 0 ? graph : null;
    }

    private EbspException Invalid(string? node, string cause) => DiagnosticDescriptors.InvalidModel.Error(_file, node, cause);

    private EbspException BadInterface(string cause) => DiagnosticDescriptors.ModelInterface.Error(_file, null, cause);
}
