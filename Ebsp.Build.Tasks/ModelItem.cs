namespace Ebsp.Build.Tasks;

/// <summary>What all models of a project share.</summary>
/// <param name="Folder">Full path of the project's folder.</param>
/// <param name="RootNamespace">As the project says it.</param>
/// <param name="AssemblyName">As the project says it.</param>
internal sealed record ProjectFacts(string Folder, string RootNamespace, string AssemblyName);

/// <summary>One argument of the compiler.</summary>
/// <param name="Option">The option.</param>
/// <param name="Value">Its value; a full path where the value is a file.</param>
/// <param name="IsPath">Whether the value is a file or folder.</param>
internal sealed record Argument(string Option, string Value, bool IsPath);

/// <summary>One EbspModel item: where its file is, how it is compiled, and what its class is called.</summary>
internal sealed class ModelItem
{
    private ModelItem(string spec, string path)
    {
        Spec = spec;
        FilePath = path;
        FileName = Path.GetFileName(path);
    }

    /// <summary>The item as the project names it, for messages.</summary>
    public string Spec { get; }

    /// <summary>Full path of the model.</summary>
    public string FilePath { get; }

    /// <summary>Name of the model's file.</summary>
    public string FileName { get; }

    /// <summary>Namespace of the class; empty for the global one.</summary>
    public string Namespace { get; private set; } = "";

    /// <summary>Name of the class.</summary>
    public string ClassName { get; private set; } = "";

    /// <summary>Namespace and class.</summary>
    public string FullName => Namespace.Length == 0 ? ClassName : $"{Namespace}.{ClassName}";

    /// <summary><c>internal</c> or <c>public</c>.</summary>
    public string Access { get; private set; } = "internal";

    /// <summary>Whether the model is a file beside the app, not a resource.</summary>
    public bool IsFile { get; private set; }

    /// <summary><c>none</c>, <c>summary</c> or <c>layers</c>.</summary>
    public string Report { get; private set; } = "summary";

    /// <summary>Whether a table of layers is written.</summary>
    public bool HasLayers => Report == "layers";

    /// <summary>Arguments of the compiler beside the model, in the order of the table of metadata.</summary>
    public IReadOnlyList<Argument> Arguments { get; private set; } = [];

    /// <summary>The files and folders that the project names for this model, the model first; full paths.</summary>
    public IEnumerable<string> Named => Arguments.Where(argument => argument.IsPath).Select(argument => argument.Value).Prepend(FilePath);

    /// <summary>What names of output files start with: readable, and one for each item of a project.</summary>
    public string OutputName { get; private set; } = "";

    /// <summary>Name of the resource, or path of the file below the app's folder.</summary>
    public string Resource { get; private set; } = "";

    /// <summary>Reads an item.</summary>
    /// <param name="project">The project.</param>
    /// <param name="spec">The item as the project names it.</param>
    /// <param name="path">Full path of its file.</param>
    /// <param name="metadata">Value of a metadata, empty if it has none.</param>
    /// <param name="report">Takes what is wrong.</param>
    public static ModelItem Read(ProjectFacts project, string spec, string path, Func<string, string> metadata,
        Action<BuildDiagnostic, object[]> report)
    {
        ModelItem item = new(spec, path);
        Dictionary<string, string> values = [];
        foreach (Metadata row in Metadata.All)
        {
            string value = metadata(row.Name).Trim();
            values[row.Name] = row.Canonical(value);
            if (value.Length > 0 && !row.Allows(value))
                report(BuildDiagnostics.BadMetadata, [row.Name, value, row.Legal]);
        }

        if (path.Any(char.IsControl))
            report(BuildDiagnostics.PathNotUsable, [path]);
        else if (!File.Exists(path))
            report(BuildDiagnostics.ModelMissing, [spec, NearestName.Hint(path)]);
        item.Arguments = ReadArguments(project, values, report);
        item.Access = Or(values["Access"], "internal");
        item.Report = Or(values["Report"], "summary");
        item.IsFile = values["LoadStrategy"] == "file";
        item.ReadNames(project, values["Namespace"], values["ClassName"], report);
        return item;
    }

    private static List<Argument> ReadArguments(ProjectFacts project, Dictionary<string, string> values,
        Action<BuildDiagnostic, object[]> report)
    {
        List<Argument> arguments = [];
        foreach (Metadata row in Metadata.All.Where(row => row.Option is not null && values[row.Name].Length > 0))
        {
            string value = values[row.Name];
            string path = Path.GetFullPath(Path.Combine(project.Folder, value));
            bool exists = File.Exists(path) || Directory.Exists(path);
            bool isPath = row.Kind == MetadataKind.Path
                || (row.Kind == MetadataKind.PathOrWord && (File.Exists(path) || LooksLikePath(value)));
            if (isPath && !exists)
                report(BuildDiagnostics.FileMissing, [row.Name, value, NearestName.Hint(path)]);
            arguments.Add(new Argument(row.Option!, isPath ? path : value, isPath));
        }

        return arguments;
    }

    private static bool LooksLikePath(string value) =>
        value.IndexOfAny(['/', '\\']) >= 0 || value.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private void ReadNames(ProjectFacts project, string space, string name, Action<BuildDiagnostic, object[]> report)
    {
        if (space.Length > 0 && !Names.IsNamespace(space))
            report(BuildDiagnostics.BadName, ["Namespace", space, "namespace"]);
        if (name.Length > 0 && !Names.IsClassName(name))
            report(BuildDiagnostics.BadName, ["ClassName", name, "class name"]);
        Namespace = space.Length > 0 ? space : Names.NamespaceOf(project.RootNamespace);
        ClassName = name.Length > 0 ? name : Names.ClassOf(FileName);
        string place = RelativePath.Of(project.Folder, FilePath).Replace('\\', '/');
        OutputName = $"{Names.FileStem(FileName)}.{Sha256.OfText($"{place}\n{FullName}").Substring(0, 8)}";
        string unique = Sha256.OfText($"{project.AssemblyName}\n{FullName}").Substring(0, 16);
        Resource = IsFile ? $"ebsp/{ClassName}.{unique}.ebsp" : $"ebsp.{unique}.ebsp";
    }

    private static string Or(string value, string otherwise) => value.Length > 0 ? value : otherwise;
}
