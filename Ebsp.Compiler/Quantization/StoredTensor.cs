using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>The integer forms of a float tensor.</summary>
/// <param name="IsUnsigned">Whether no value is below zero.</param>
internal sealed record StoredTensor(bool IsUnsigned)
{
    /// <summary>Its tensor on the pattern, or null.</summary>
    public string? Projected { get; init; }

    /// <summary>The second term of an operand of two, or null.</summary>
    public string? Second { get; init; }

    /// <summary>Its plain tensor, or null.</summary>
    public string? Plain { get; init; }

    /// <summary>Map of the integers that a convolution really sees: the sum of the terms where there are two.</summary>
    public string? Multiplied { get; init; }

    /// <summary>Format of <see cref="Projected"/>.</summary>
    public PatternFormat Format { get; init; }

    /// <summary>Name of a form: the tensor's own for the only or plain one.</summary>
    public static string NameOf(string tensor, Forms form, Forms all) =>
        form == Forms.Projected && all != Forms.Projected
            ? tensor + ".p"
            : form == Forms.Plain && all.HasFlag(Forms.Scores) ? tensor + ".q" : tensor;
}
