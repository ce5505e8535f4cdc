using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>A node whose inputs are all known, as the evaluator of its operator sees it.</summary>
internal sealed class EvaluatedNode(NodeProto proto, string name, int opset, string? file, HostTensor?[] inputs, EvaluationBudget budget)
    : OnnxAttributes(proto, name, opset, file)
{
    /// <summary>Number of inputs, absent ones in front of others included.</summary>
    public int InputCount => inputs.Length;

    /// <summary>Number of outputs that the node names.</summary>
    public int OutputCount => Proto.Output.Count;

    /// <summary>An input that must be there.</summary>
    public HostTensor Input(int index) => Optional(index)
        ?? throw DiagnosticDescriptors.InvalidModel.Error(File, Name,
            string.Create(CultureInfo.InvariantCulture, $"input {index} is missing"));

    /// <summary>An input, or null where it is absent.</summary>
    public HostTensor? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>An input of integers, or null where it is absent.</summary>
    public long[]? Integers(int index) => Optional(index) is not { } tensor ? null
        : tensor.Integers ?? throw new NotMappedException(
            string.Create(CultureInfo.InvariantCulture, $"input {index} does not hold integers"));

    /// <summary>A single number, or the default where the input is absent.</summary>
    public double Scalar(int index, double absent) => Optional(index) is not { } tensor ? absent
        : tensor.Count == 1 ? tensor.ToDoubles()[0]
        : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"input {index} is not a scalar"));

    /// <summary>Elements of a tensor that is about to be made; see <see cref="EvaluationBudget.Count"/>.</summary>
    public int Count(int[] dims) => budget.Count(dims);

    /// <summary>Room for the values of a tensor that is computed in double.</summary>
    public double[] Doubles(int[] dims)
    {
        int count = budget.Count(dims);
        budget.Count([count]);
        return new double[count];
    }

    /// <summary>Takes the inputs as double from the budget.</summary>
    public void ReadAsDoubles()
    {
        foreach (HostTensor? input in inputs)
            budget.Count([2, input?.Count ?? 0]);
    }

    /// <summary>See <see cref="EvaluationBudget.Work"/>.</summary>
    public void Work(Int128 steps) => budget.Work(steps);
}
