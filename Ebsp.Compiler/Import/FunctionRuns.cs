using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>
/// Which tensors are functions of one value of another tensor: however many nodes and constants lie between, they become one table. What
/// the table makes superfluous is read by nobody and goes.
/// </summary>
internal sealed class FunctionRuns
{
    private readonly Dictionary<string, Run> _runs = new(StringComparer.Ordinal);

    /// <summary>What a node that does a function of a tensor reads, and its operation: a table takes in the table in front of it.</summary>
    /// <param name="input">The tensor.</param>
    /// <param name="function">The function.</param>
    /// <param name="op">The operation that does it alone.</param>
    public (string Read, Op Op) Extended(string input, PointExpression function, Op op)
    {
        Run run = Of(input);
        return run.Table is { } table && function.Of(table) is { Steps.Length: <= PointExpression.MaxSteps } whole
            ? (run.Entry, new PointFunction(whole)) : (input, op);
    }

    /// <summary>Two functions of one tensor as one, or null where they are none.</summary>
    public (string Root, PointExpression Function)? Joined(PointStepKind kind, string a, string b)
    {
        Run first = Of(a), second = Of(b);
        if (first.Root != second.Root || kind == PointStepKind.Add && a == b
            || first.Function.Steps.Length + second.Function.Steps.Length >= PointExpression.MaxSteps)
            return null;
        return (first.Root, PointExpression.Of(kind, first.Function, second.Function));
    }

    /// <summary>Remembers that a tensor is a function of another.</summary>
    /// <param name="output">The tensor.</param>
    /// <param name="input">The other.</param>
    /// <param name="function">The function.</param>
    /// <param name="op">The operation that makes it.</param>
    public void Note(string output, string input, PointExpression function, Op op)
    {
        Run run = Of(input);
        PointExpression whole = function.Of(run.Function);
        if (whole.Steps.Length > PointExpression.MaxSteps)
            return;
        // Steps that a layer takes along (affine, clamp) stay by themselves as long as no table needs them.
        _runs[output] = op is not PointFunction point ? new Run(run.Root, whole, output, null)
            : run.Table is null ? new Run(run.Root, whole, input, function)
            : new Run(run.Root, whole, run.Entry, point.Expression ?? function);
    }

    private Run Of(string tensor) => _runs.GetValueOrDefault(tensor) ?? new Run(tensor, PointExpression.Input, tensor, null);

    /// <param name="Root">The tensor that it is a function of.</param>
    /// <param name="Function">Which.</param>
    /// <param name="Entry">The tensor that the last table reads.</param>
    /// <param name="Table">What that table does; null without one.</param>
    private sealed record Run(string Root, PointExpression Function, string Entry, PointExpression? Table);
}
