using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>What one import or evaluation may still make: a model of a few bytes can ask for any number of constants.</summary>
internal sealed class EvaluationBudget(string? file)
{
    /// <summary>Most elements of all tensors that are made, 2^28; a double counts twice.</summary>
    public const long MaxElements = 1L << 28;

    /// <summary>Most multiplications and the like, 2^33.</summary>
    public const long MaxSteps = 1L << 33;

    private const int GrantedFactor = 8;

    private long _elements = MaxElements;
    private long _steps = MaxSteps;

    /// <summary>Constants that the file holds pay for work with them.</summary>
    public void Grant(int count) => _elements += GrantedFactor * (long)count;

    /// <summary>Number of elements of a tensor that is about to be made.</summary>
    /// <exception cref="EbspException">EBSP1004: beyond the budget.</exception>
    public int Count(int[] dims)
    {
        Int128 count = 1;
        foreach (int dim in dims)
            count = Int128.Min(count * dim, long.MaxValue);
        if (count > _elements)
            throw Beyond($"constants of more than {MaxElements} elements are computed");
        _elements -= (long)count;
        return (int)count;
    }

    /// <summary>Takes work from the budget.</summary>
    /// <exception cref="EbspException">EBSP1004: beyond the budget.</exception>
    public void Work(Int128 count)
    {
        if (count > _steps)
            throw Beyond($"constants take more than {MaxSteps} steps to compute");
        _steps -= (long)count;
    }

    private EbspException Beyond(FormattableString text) =>
        DiagnosticDescriptors.ModelLimit.Error(file, null, text.ToString(CultureInfo.InvariantCulture));
}
