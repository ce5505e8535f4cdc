using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>The end of a vector operation: clamp, then projection or a term; by table where the bounds are those of an 8-bit
/// format.</summary>
internal sealed class OutputTable
{
    private readonly int _lo;
    private readonly int _hi;
    private readonly int[]? _table;

    public OutputTable(int lo, int hi, PatternFormat format, Term term)
    {
        _lo = lo;
        _hi = hi;
        if (!format.IsPattern && term == Term.Whole)
            return;
        _table = new int[hi - lo + 1];
        for (int i = 0; i < _table.Length; i++)
        {
            _table[i] = term switch
            {
                Term.First => Projection.FirstTerm(lo + i, format),
                Term.Second => Projection.SecondTerm(lo + i, format),
                _ => Projection.Project(lo + i, format),
            };
        }
    }

    public int Of(long r)
    {
        int clamped = Requantization.Clamp(r, _lo, _hi);
        return _table is null ? clamped : _table[clamped - _lo];
    }
}
