namespace Ebsp.Build.Tasks;

/// <summary>Where the page of diagnostics says more of a code.</summary>
/// <param name="page">Full path of diagnostics.md.</param>
internal sealed class HelpLink(string page)
{
    private string[]? lines;

    /// <summary>The address of a code's heading, or null if the page is not there or does not have it.</summary>
    public string? Of(string code)
    {
        try
        {
            lines ??= (WholeFile.ReadOrNull(page) ?? "").Split('\n');
            string? heading = lines.FirstOrDefault(line => line.StartsWith($"## {code} ", StringComparison.Ordinal));
            return heading is null ? null : new Uri(page).AbsoluteUri + "#" + Anchor(heading.Substring("## ".Length).Trim());
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    // As pages of Markdown make anchors: lower case, spaces as -, no other punctuation.
    private static string Anchor(string heading) =>
        new([.. heading.ToLowerInvariant().Where(unit => char.IsLetterOrDigit(unit) || unit is ' ' or '-')
            .Select(unit => unit == ' ' ? '-' : unit)]);
}
