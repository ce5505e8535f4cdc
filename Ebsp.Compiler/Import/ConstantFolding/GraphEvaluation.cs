using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Computes a whole ONNX graph, of any rank and type: the reference for graphs that do not map to the graph of the
/// compiler.</summary>
internal static class GraphEvaluation
{
    /// <summary>Computes the outputs of a graph from its inputs.</summary>
    /// <param name="model">A model whose nodes stand in order.</param>
    /// <param name="inputs">Values of the inputs that are no constants, in order.</param>
    /// <param name="file">File name for diagnostics.</param>
    /// <exception cref="EbspException">EBSP1004, EBSP1007: beyond a limit, or the graph contradicts itself.</exception>
    /// <exception cref="NotMappedException">An operator, form or type is not computed.</exception>
    public static HostTensor[] Run(ModelProto model, IReadOnlyList<HostTensor> inputs, string? file = null)
    {
        int opset = (int)(model.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 0);
        Dictionary<string, HostTensor> values = new(StringComparer.Ordinal);
        foreach (TensorProto constant in model.Graph.Initializer)
            values[constant.Name] = TensorReader.Read(constant, file);
        ValueInfoProto[] free = [.. model.Graph.Input.Where(input => !values.ContainsKey(input.Name))];
        for (int i = 0; i < free.Length && i < inputs.Count; i++)
            values[free[i].Name] = inputs[i];
        EvaluationBudget budget = new(file);
        foreach (NodeProto proto in model.Graph.Node)
        {
            string name = proto.Name.Length != 0 ? proto.Name : proto.OpType;
            if (proto.Domain is not ("" or "ai.onnx") || !OnnxEvaluators.All.TryGetValue(proto.OpType, out OnnxEvaluator? evaluator))
                throw new NotMappedException($"{proto.OpType} is not computed");
            HostTensor?[] read = [.. proto.Input.Select(input => input.Length == 0 ? null
                : values.GetValueOrDefault(input)
                    ?? throw DiagnosticDescriptors.InvalidModel.Error(file, name, $"the input '{input}' is made by no node before it"))];
            HostTensor[] made = OnnxEvaluators.Run(evaluator, new EvaluatedNode(proto, name, opset, file, read, budget));
            for (int i = 0; i < made.Length && i < proto.Output.Count; i++)
                values[proto.Output[i]] = made[i];
        }

        return [.. model.Graph.Output.Select(output => values.GetValueOrDefault(output.Name)
            ?? throw DiagnosticDescriptors.InvalidModel.Error(file, output.Name, "the output is not computed"))];
    }
}
