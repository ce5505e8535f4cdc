using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Ebsp.Build.Tasks;

/// <summary>Items from and to MSBuild.</summary>
internal static class Items
{
    // What MSBuild would take for an escape, a wildcard, a list or an expression.
    private const string Special = "%*?@$();'";

    /// <summary>An item of a path or name that is taken literally.</summary>
    public static ITaskItem Of(string spec, params (string Name, string Value)[] metadata)
    {
        TaskItem item = new(Escape(spec));
        foreach ((string name, string value) in metadata)
            item.SetMetadata(name, Escape(value));
        return item;
    }

    /// <summary>The metadata that somebody has set on an item and that is nearly one of ours, with that one.</summary>
    public static IEnumerable<(string Name, string Nearest)> Misspelt(ITaskItem item)
    {
        string[] known = [.. Metadata.All.Select(row => row.Name)];
        // Watch is of dotnet watch, one letter from Batch.
        foreach (string name in item.CloneCustomMetadata().Keys.Cast<string>().OrderBy(name => name, StringComparer.Ordinal))
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase) && name != "Watch" && NearestName.Of(name, known) is { } nearest)
                yield return (name, nearest);
        }
    }

    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char unit in text)
            escaped.Append(Special.IndexOf(unit) < 0 ? unit.ToString() : FormattableString.Invariant($"%{(int)unit:x2}"));
        return escaped.ToString();
    }
}
