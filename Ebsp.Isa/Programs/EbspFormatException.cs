using System.Globalization;

namespace Ebsp.Isa.Programs;

/// <summary>A .ebsp file is not valid: the only exception that opening one lets out.</summary>
public sealed class EbspFormatException : Exception
{
    /// <summary>Names the rule that the file breaks.</summary>
    /// <param name="code">EBSP4nnn.</param>
    /// <param name="offset">Byte offset in the file, or -1 where no place is to blame.</param>
    /// <param name="where">Section, instruction or field.</param>
    /// <param name="cause">What is wrong, in one sentence.</param>
    public EbspFormatException(string code, long offset, string where, string cause)
        : base($"{code}: {where}{(offset < 0 ? "" : $" at byte {offset}")}: {cause}")
    {
        Code = code;
        Offset = offset;
        Where = where;
        Cause = cause;
    }

    /// <summary>Names the rule that the file breaks; the code is the rule's number.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="offset">Byte offset in the file, or -1 where no place is to blame.</param>
    /// <param name="where">Section, instruction or field.</param>
    /// <param name="cause">What is wrong, in one sentence.</param>
    public EbspFormatException(ProgramRule rule, long offset, string where, string cause)
        : this(string.Create(CultureInfo.InvariantCulture, $"EBSP{(int)rule}"), offset, where, cause)
    {
        Rule = rule;
    }

    /// <summary>The rule, or null where the code alone is given.</summary>
    public ProgramRule? Rule { get; }

    /// <summary>EBSP4nnn, see docs/diagnostics.md.</summary>
    public string Code { get; }

    /// <summary>Byte offset in the file, or -1.</summary>
    public long Offset { get; }

    /// <summary>Section, instruction or field.</summary>
    public string Where { get; }

    /// <summary>What is wrong.</summary>
    public string Cause { get; }
}
