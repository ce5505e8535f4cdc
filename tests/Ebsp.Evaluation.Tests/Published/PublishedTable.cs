using System.Reflection;
using Ebsp.Evaluation.Costs;

namespace Ebsp.Evaluation.Tests.Published;

/// <summary>A committed table of published figures; every row ends with its source.</summary>
internal static class PublishedTable
{
    /// <summary>Rows without the heading.</summary>
    public static string[][] Read(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        using StreamReader reader = new(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(Csv.Split)];
    }
}
