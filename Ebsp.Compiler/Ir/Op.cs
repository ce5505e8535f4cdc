namespace Ebsp.Compiler.Ir;

/// <summary>
/// An operation of the graph: a closed set of records. Those of FloatOps.cs work on float32 tensors, those of IntegerOps.cs on
/// integers, those of SharedOps.cs on both. Constants (weights, scales) are part of their operation.
/// </summary>
public abstract record Op
{
    private protected Op()
    {
    }
}
