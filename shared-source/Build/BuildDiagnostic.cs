using System.Globalization;

namespace Ebsp.Build;

/// <summary>One code of the build: its texts, of which messages, docs/diagnostics.md and `ebspc explain` are made.</summary>
/// <param name="Code">EBSPnnnn.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="Cause">One sentence; {0}, {1}, ... are filled in.</param>
/// <param name="Fix">What to do, in one sentence.</param>
/// <param name="Example">One message as a user sees it.</param>
internal sealed record BuildDiagnostic(string Code, string Title, string Cause, string Fix, string Example)
{
    /// <summary>Cause and fix.</summary>
    /// <param name="arguments">What fills in the cause, in invariant form.</param>
    public string Text(params object[] arguments) => $"{string.Format(CultureInfo.InvariantCulture, Cause, arguments)} {Fix}";
}
