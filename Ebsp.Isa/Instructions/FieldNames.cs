namespace Ebsp.Isa.Instructions;

// The values of named fields. A test holds names and numbers of each enum to the instruction table.

/// <summary>What the partial sums of an array instruction start at (field start).</summary>
public enum StartKind
{
    /// <summary>At 0.</summary>
    Zero = 0,

    /// <summary>At the bias of the output channel.</summary>
    Bias = 1,

    /// <summary>At what psum memory holds.</summary>
    Accumulate = 2,
}

/// <summary>Memory of operand a of a VECTOR (field space).</summary>
public enum SourceSpace
{
    /// <summary>The buffer.</summary>
    Buffer = 0,

    /// <summary>The memory of partial sums.</summary>
    Psum = 1,
}

/// <summary>Formula of a VECTOR (field mode).</summary>
public enum VectorMode
{
    /// <summary>r = (a * m + b * mb + d + 2^(n-1)) &gt;&gt; n.</summary>
    Requantize = 0,

    /// <summary>r = (a * b * m + 2^(n-1)) &gt;&gt; n.</summary>
    Product = 1,
}

/// <summary>What a VECTOR writes of its result (field term).</summary>
public enum ResultTerm
{
    /// <summary>The projection of the result.</summary>
    Whole = 0,

    /// <summary>The first of two pattern terms.</summary>
    First = 1,

    /// <summary>The second of two pattern terms.</summary>
    Second = 2,
}

/// <summary>What a POOL computes (field mode).</summary>
public enum PoolMode
{
    /// <summary>The largest value, to the buffer.</summary>
    Max = 0,

    /// <summary>The int32 sum, to psum memory.</summary>
    Sum = 1,
}
