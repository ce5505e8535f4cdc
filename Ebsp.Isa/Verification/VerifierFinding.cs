using System.Globalization;
using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Verification;

/// <summary>A rule that a program breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Instruction">Index of the instruction that breaks it.</param>
/// <param name="Unit">The unit that executes it.</param>
/// <param name="Bytes">The bytes in question, with the operand that they belong to; null where none are.</param>
/// <param name="Other">Index of the other instruction: the one that is not ordered, wrote another tensor, or never signals; -1 for
/// none.</param>
/// <param name="Cause">What is wrong, in one sentence without its full stop.</param>
public sealed record VerifierFinding(VerifierRule Rule, int Instruction, Unit Unit, MemoryRange? Bytes, int Other, string Cause)
{
    /// <summary>EBSP4101 and following, see docs/diagnostics.md.</summary>
    public string Code => string.Create(CultureInfo.InvariantCulture, $"EBSP{(int)Rule}");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Code}: instruction {Instruction}: {Cause}");
}
