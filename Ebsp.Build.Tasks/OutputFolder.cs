namespace Ebsp.Build.Tasks;

/// <summary>The folder of one framework and configuration: obj/Debug/net10.0/ebsp/. Everything in it is ours, and named by the models of
/// the project.</summary>
/// <param name="projectFolder">Full path of the project's folder.</param>
/// <param name="intermediate">The project's intermediate folder, as the project names it.</param>
internal sealed class OutputFolder(string projectFolder, string intermediate)
{
    private const string ToolFile = "tool.json";
    private const string Design = "design";

    // The endings of the files that are ours: nothing else is ever deleted.
    private static readonly string[] Endings = [".ebsp", ".ebspmodel.json", ".state.json", ".layers.csv", WholeFile.Temporary];

    /// <summary>Full path.</summary>
    public string FullPath { get; } = Path.GetFullPath(Path.Combine(projectFolder, intermediate, "ebsp"));

    /// <summary>Remembers the hashes of the compiler's assemblies.</summary>
    public string Tool => Path.Combine(FullPath, ToolFile);

    /// <summary>The program.</summary>
    public string Model(ModelItem item) => Place(item, ".ebsp");

    /// <summary>What the generator reads.</summary>
    public string Manifest(ModelItem item) => Place(item, ".ebspmodel.json");

    /// <summary>What the generator reads where the model is not compiled; the real build does not look there.</summary>
    public string DesignManifest(ModelItem item) => Path.Combine(FullPath, Design, item.OutputName + ".ebspmodel.json");

    /// <summary>Of what the outputs were made.</summary>
    public string State(ModelItem item) => Place(item, ".state.json");

    /// <summary>The table of layers.</summary>
    public string Layers(ModelItem item) => Place(item, ".layers.csv");

    /// <summary>A path in the folder as the project would name it: relative if the intermediate folder is.</summary>
    public string Spec(string path) => Path.Combine(intermediate, "ebsp") + path.Substring(FullPath.Length);

    /// <summary>Deletes what is of none of some models, and what a killed build has left. The folder's lock is held.</summary>
    public void KeepOnly(IEnumerable<ModelItem> items)
    {
        ModelItem[] kept = [.. items];
        HashSet<string> files = [.. kept.SelectMany(item => new[] { Model(item), Manifest(item), State(item) })];
        files.UnionWith(kept.Where(item => item.HasLayers).Select(Layers));
        Delete(FullPath, files);
        Delete(Path.Combine(FullPath, Design), [.. kept.Select(DesignManifest)]);
    }

    /// <summary>Deletes everything of ours.</summary>
    public void Clear()
    {
        KeepOnly([]);
        File.Delete(Tool);
        if (Directory.Exists(FullPath) && !Directory.EnumerateFileSystemEntries(FullPath).Any())
            Directory.Delete(FullPath);
    }

    private string Place(ModelItem item, string ending) => Path.Combine(FullPath, item.OutputName + ending);

    private static void Delete(string folder, HashSet<string> kept)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string file in Directory.GetFiles(folder)
            .Where(file => !kept.Contains(file) && Endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal))))
            File.Delete(file);
        if (Path.GetFileName(folder) == Design && !Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }
}
