using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

/// <summary>A tensor of the integer graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its shape, format and scale.</param>
public sealed record IntegerTensor(string Name, TensorType Type)
{
    /// <summary>Its format.</summary>
    public PatternFormat Format => Type.Format!.Value;
}

/// <summary>The integer tensors of a float tensor.</summary>
/// <param name="IsUnsigned">Whether no value is below zero.</param>
public sealed record StoredTensor(bool IsUnsigned)
{
    /// <summary>Its tensor on the pattern, or null.</summary>
    public IntegerTensor? Projected { get; init; }

    /// <summary>The second term of an operand of two, or null.</summary>
    public IntegerTensor? Second { get; init; }

    /// <summary>Its plain tensor, or null.</summary>
    public IntegerTensor? Plain { get; init; }

    /// <summary>All of them.</summary>
    public IEnumerable<IntegerTensor> Tensors => new[] { Plain, Projected, Second }.OfType<IntegerTensor>();

    /// <summary>Its tensor for a form.</summary>
    /// <param name="form">Plain or Projected.</param>
    public IntegerTensor? In(Forms form) => form == Forms.Plain ? Plain : Projected;

    internal StoredTensor With(Forms form, IntegerTensor tensor) => form switch
    {
        Forms.Plain => this with { Plain = tensor },
        Forms.Projected => this with { Projected = tensor },
        _ => this,
    };

    /// <summary>Name of a form: the tensor's own for the only or plain one.</summary>
    internal static string NameOf(string tensor, Forms form, Forms all) =>
        form == Forms.Projected && all != Forms.Projected
            ? tensor + ".p"
            : form == Forms.Plain && all.HasFlag(Forms.Scores) ? tensor + ".q" : tensor;
}

/// <summary>One form in which a step was written.</summary>
/// <param name="Form">Scores, Plain or Projected.</param>
/// <param name="First">Its tensor, or the first of two terms.</param>
/// <param name="Second">The second of two terms, or null.</param>
/// <param name="Place">The place in a concatenation that it was written for, or null.</param>
public sealed record WrittenForm(Forms Form, IntegerTensor First, IntegerTensor? Second, ConcatPlace? Place)
{
    /// <summary>1, or 2.</summary>
    public int Terms => Second is null ? 1 : 2;
}

/// <summary>What a step became.</summary>
/// <param name="Stored">The tensor as later steps read it.</param>
/// <param name="Read">Format of what a layer or function was made from; of no meaning for moves and concatenations.</param>
/// <param name="Written">Every form in order, those for concatenations last.</param>
public sealed record EmittedStep(StoredTensor Stored, PatternFormat Read, IReadOnlyList<WrittenForm> Written);
