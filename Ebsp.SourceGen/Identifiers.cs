using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace Ebsp.SourceGen;

/// <summary>Which names the generated code can bear. Each method gives a clause that says what is wrong, or null.</summary>
internal static class Identifiers
{
    // Namespaces and types that the generated class names; none may be another thing in the same compilation.
    private static readonly string[] UsedTypes =
        ["System.CodeDom.Compiler.GeneratedCodeAttribute", "Ebsp.Emulator.MachineOptions", "Ebsp.Emulator.Models.EbspModel",
            "Ebsp.Emulator.Models.ModelBlob", "System.ReadOnlySpan"];

    // Words that compilers newer than the one referred to here treat as their own where a type is declared.
    private static readonly string[] NewerWords = ["allows", "extension", "field", "union", "closed"];

    /// <summary>Of the class's name.</summary>
    public static string? ProblemOfClass(string name)
    {
        if (ProblemOfIdentifier(name) is string problem)
            return problem;
        if (SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None || NewerWords.Contains(name, StringComparer.Ordinal))
            return "is a word of C#";
        return ClassWriter.Members.Contains(name, StringComparer.Ordinal) ? "is the name of one of the class's own members" : null;
    }

    /// <summary>Of the namespace; empty is the global one.</summary>
    public static string? ProblemOfNamespace(string name) =>
        name.Length == 0 ? null : name.Split('.').Select(ProblemOfIdentifier).FirstOrDefault(problem => problem is not null);

    /// <summary>Of a class within its namespace: whether the generated code would still find what it refers to.</summary>
    public static string? ProblemOfFullName(string space, string fullName)
    {
        foreach (string used in UsedTypes)
        {
            if (used == fullName || used.StartsWith(fullName + ".", StringComparison.Ordinal))
                return "hides a name that generated code refers to";
            if (space == used || space.StartsWith(used + ".", StringComparison.Ordinal))
                return "lies in a namespace with the name of a type that generated code refers to";
        }

        return null;
    }

    /// <summary>Of the resource's name, or of the path of a file below the application.</summary>
    public static string? ProblemOfResource(string name, bool isResource)
    {
        if (!name.All(unit => (SyntaxFacts.IsIdentifierPartCharacter(unit) && !IsInvisible(unit)) || unit is '.' or '-'
            || (unit == '/' && !isResource)))
            return "holds a character that is taken neither in names of resources nor of files";
        return name.Split('/').Any(part => part.Trim('.').Length == 0) ? "is no path below the application" : null;
    }

    private static string? ProblemOfIdentifier(string name)
    {
        // Before the compiler's own check, which takes them: characters that nobody sees.
        if (name.Any(IsInvisible))
            return "holds an invisible character";
        if (!SyntaxFacts.IsValidIdentifier(name))
            return "is no C# identifier";
        return SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None ? "is a keyword of C#" : null;
    }

    // Format characters (direction marks, joiners) and the rest of what Unicode calls Default_Ignorable.
    private static bool IsInvisible(char unit) =>
        CharUnicodeInfo.GetUnicodeCategory(unit) == UnicodeCategory.Format
        || unit is '\u034F' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or (>= '\u180B' and <= '\u180F') or (
            >= '\u2060' and <= '\u206F') or '\u3164'
            or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF' or '\uFFA0' or (>= '\uFFF0' and <= '\uFFF8');
}
