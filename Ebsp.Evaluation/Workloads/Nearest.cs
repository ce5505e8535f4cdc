using Ebsp.Compiler.Diagnostics;
using Ebsp.Spelling;

namespace Ebsp.Evaluation.Workloads;

/// <summary>Refuses a name that nothing has.</summary>
internal static class Nearest
{
    /// <summary>The refusal, with the nearest name.</summary>
    /// <param name="kind">What is named, such as <c>machine</c>.</param>
    /// <param name="name">As typed.</param>
    /// <param name="names">What there is; at least one.</param>
    /// <param name="other">What else may stand there, such as <c>or the path of a .json file</c>.</param>
    public static EbspException Unknown(string kind, string name, IEnumerable<string> names, string other)
    {
        string[] all = [.. names];
        return DiagnosticDescriptors.UnknownName.Error(null, null, kind, name, all.MinBy(known => EditDistance.Of(known, name))!,
            string.Join(", ", all), other);
    }
}
