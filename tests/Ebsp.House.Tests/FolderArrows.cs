using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Ebsp.House.Tests;

/// <summary>
/// Which top folders of a project use which others: a file that names a type, or imports a namespace, of another folder is an arrow. Files
/// at the top are the folder "."; linked files belong to the folder of their link.
/// </summary>
internal sealed partial class FolderArrows
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _arrows = new(StringComparer.Ordinal);

    /// <summary>The arrows of some files.</summary>
    /// <param name="files">Each with its folder.</param>
    /// <param name="imported">Namespaces that every file imports.</param>
    public FolderArrows(IReadOnlyList<(string Folder, SourceFile File)> files, params string[] imported)
    {
        Dictionary<string, HashSet<string>> folders = new(StringComparer.Ordinal), spaces = new(StringComparer.Ordinal);
        foreach ((string folder, SourceFile file) in files)
        {
            string space = Namespace().Match(file.Text).Groups[1].Value;
            foreach (Match type in Declaration().Matches(file.Code))
            {
                Add(folders, $"{space}.{type.Groups[1].Value}", folder);
                Add(spaces, space, folder);
            }
        }

        foreach ((string folder, SourceFile file) in files)
        {
            string code = file.Code, space = Namespace().Match(file.Text).Groups[1].Value;
            string[] imports = [.. Using().Matches(code).Select(match => match.Groups[1].Value)];
            foreach (string import in imports)
                Arrow(folder, spaces.GetValueOrDefault(import), $"{file.Path} imports {import}");
            foreach (string name in Names().Matches(code).Select(match => match.Value).Distinct())
                Arrow(folder, Find(name, [.. Outward(space), .. imports, .. imported], folders), $"{file.Path} names {name}");
        }
    }

    /// <summary>The arrows of a project.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="project">Path of the project file below it.</param>
    public static FolderArrows Of(string root, string project)
    {
        string folder = Path.GetDirectoryName(project)!;
        XDocument file = XDocument.Load(Path.Combine(root, project));
        List<(string, SourceFile)> files = [.. SourceFile.Below(Path.Combine(root, folder)).Select(each => (Top(each.Path), each))];
        foreach (XElement item in file.Descendants("Compile"))
        {
            foreach (string include in item.Attribute("Include")?.Value.Split(';') ?? [])
            {
                string pattern = Path.GetFullPath(Path.Combine(root, folder, include));
                files.AddRange(Directory.EnumerateFiles(Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern))
                    .Select(path => (item.Attribute("LinkBase")?.Value ?? ".", new SourceFile(path, File.ReadAllText(path)))));
            }
        }

        return new FolderArrows(files, [.. file.Descendants("Using").Select(item => item.Attribute("Include")?.Value).OfType<string>()]);
    }

    /// <summary>The arrows of a circle, each with a reason; empty where there is none.</summary>
    public IReadOnlyList<string> Circle()
    {
        foreach (string start in _arrows.Keys)
        {
            List<string> way = [];
            if (Leads(start, start, way, []))
                return way;
        }

        return [];
    }

    private bool Leads(string from, string to, List<string> way, HashSet<string> seen)
    {
        foreach ((string next, string why) in _arrows.GetValueOrDefault(from) ?? [])
        {
            way.Add($"{from} -> {next}: {why}");
            if (next == to || (seen.Add(next) && Leads(next, to, way, seen)))
                return true;
            way.RemoveAt(way.Count - 1);
        }

        return false;
    }

    private void Arrow(string from, HashSet<string>? to, string why)
    {
        // What stands in several folders points to none of them.
        if (to is { Count: 1 } && to.Single() != from)
        {
            if (!_arrows.TryGetValue(from, out SortedDictionary<string, string>? arrows))
                _arrows[from] = arrows = new SortedDictionary<string, string>(StringComparer.Ordinal);
            arrows.TryAdd(to.Single(), why);
        }
    }

    // The longest part of a.b.c that is a type, as C# looks names up: from the innermost namespace outward, then what is imported.
    private static HashSet<string>? Find(string name, string[] spaces, Dictionary<string, HashSet<string>> folders)
    {
        string[] parts = name.Split('.');
        for (int length = 1; length <= parts.Length; length++)
        {
            string part = string.Join('.', parts[..length]);
            foreach (string space in spaces)
            {
                if (folders.TryGetValue(space.Length == 0 ? part : $"{space}.{part}", out HashSet<string>? found))
                    return found;
            }
        }

        return null;
    }

    private static IEnumerable<string> Outward(string space)
    {
        for (; space.Length > 0; space = space.Contains('.', StringComparison.Ordinal) ? space[..space.LastIndexOf('.')] : "")
            yield return space;
        yield return "";
    }

    private static void Add(Dictionary<string, HashSet<string>> map, string key, string value)
    {
        if (!map.TryGetValue(key, out HashSet<string>? values))
            map[key] = values = new HashSet<string>(StringComparer.Ordinal);
        values.Add(value);
    }

    private static string Top(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.IndexOf('/')] : ".";

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    // Types within types belong to the outer one, which begins in the first column.
    [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|struct|interface|enum|record(?: struct| class)?|delegate [\w<>\[\],.?]+) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)*")]
    private static partial Regex Names();
}
