using System.Collections.Immutable;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Tiling;

/// <summary>A tensor that a VECTOR instruction of a layer writes.</summary>
/// <param name="Node">The Requantize or TensorProduct node.</param>
/// <param name="Output">The stored tensor.</param>
/// <param name="Add">Operand b, or null.</param>
public sealed record VectorWrite(Node Node, string Output, View? Add);

/// <summary>
/// What runs as one loop over tiles: nodes that are fused because what lies between them never leaves partial-sum memory.
/// </summary>
/// <param name="Node">The node that gives the layer its name.</param>
/// <param name="Source">What the layer reads first.</param>
/// <param name="Writes">What it writes.</param>
public abstract record Layer(Node Node, View Source, ImmutableArray<VectorWrite> Writes)
{
    /// <summary>Name in the source model.</summary>
    public string Name => Node.Name;

    /// <summary>The stored tensors that the layer reads.</summary>
    public IEnumerable<string> Reads => Writes.Where(write => write.Add is not null).Select(write => write.Add!.Tensor)
        .Prepend(Source.Tensor);

    /// <summary>The first write that adds what a write adds: what both need is staged once.</summary>
    public int StagedAdd(int write)
    {
        int first = 0;
        while (Writes[first].Add != Writes[write].Add)
            first++;
        return first;
    }

    /// <summary>The stored tensors that the layer writes.</summary>
    public virtual IEnumerable<string> Stores => Writes.Select(write => write.Output);
}

/// <summary>Convolution on the PE array, then requantization from partial sums.</summary>
public sealed record ArrayLayer(Node Node, View Source, ImmutableArray<VectorWrite> Writes) : Layer(Node, Source, Writes)
{
    /// <summary>The convolution.</summary>
    public IntegerConv Conv => (IntegerConv)Node.Op;
}

/// <summary>Sums over windows into partial sums, then requantization: an average pool.</summary>
public sealed record SumPoolLayer(Node Node, View Source, ImmutableArray<VectorWrite> Writes) : Layer(Node, Source, Writes)
{
    /// <summary>The pool.</summary>
    public SumPool Pool => (SumPool)Node.Op;
}

/// <summary>Requantization or product of stored tensors.</summary>
public sealed record VectorLayer(Node Node, View Source, ImmutableArray<VectorWrite> Writes) : Layer(Node, Source, Writes);

/// <summary>Maximum over windows, a table over codes, or a step of the host: reads one stored tensor, writes one, without partial
/// sums.</summary>
public sealed record MapLayer(Node Node, View Source, string Output) : Layer(Node, Source, [])
{
    /// <inheritdoc/>
    public override IEnumerable<string> Stores => [Output];
}
