using Ebsp.TestKit;
using Microsoft.Build.Utilities;

namespace Ebsp.Build.Tasks.Tests;

/// <summary>A project in a folder of its own, built by the task with the stand-in for the compiler.</summary>
internal sealed class Project : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Dictionary<string, string>> _items = [];

    /// <summary>The compiler; a test may give another.</summary>
    public string Compiler { get; set; } = Path.Combine(AppContext.BaseDirectory, "Ebsp.FakeCompiler.dll");

    public string Store { get; set; } = "obj/ebsp/";

    /// <summary>The store of all projects of a user.</summary>
    public string UserStore { get; set; } = "off";

    public string RootNamespace { get; set; } = "App";

    public string Language { get; set; } = "C#";

    public string Framework { get; set; } = "v10.0";

    public string Sdk { get; set; } = "10.0";

    public string this[string path] => _folder.File(path);

    public string FullName => _folder.FullName;

    public IEnumerable<string> Items => _items.Keys;

    /// <summary>An item with its model.</summary>
    public void Add(string path, string model, params (string Name, string Value)[] metadata)
    {
        Write(path, model);
        _items[path] = metadata.ToDictionary(pair => pair.Name, pair => pair.Value);
    }

    public void Remove(string path) => _items.Remove(path);

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllText(this[path], text);
    }

    public CompileModels Task(string framework = "net10.0", bool designTime = false) => new()
    {
        BuildEngine = new BuildEngine(),
        Models = [.. _items.Select(item => ItemOf(item.Key, item.Value))],
        ProjectDirectory = FullName,
        IntermediateOutputPath = $"obj/Debug/{framework}/",
        StorePath = Store,
        UserStorePath = UserStore,
        RootNamespace = RootNamespace,
        AssemblyName = "App",
        Language = Language,
        TargetFrameworkIdentifier = ".NETCoreApp",
        TargetFrameworkVersion = Framework,
        SdkFrameworkVersion = Sdk,
        DotnetHost = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : Host(),
        EbspcPath = Compiler,
        DesignTime = designTime,
    };

    /// <summary>Builds.</summary>
    public Built Build(string framework = "net10.0", bool designTime = false)
    {
        using CompileModels task = Task(framework, designTime);
        return Built.Of(task);
    }

    /// <summary>Cleans.</summary>
    public void Clean(string framework = "net10.0")
    {
        using CleanModels task =
            new() { BuildEngine = new BuildEngine(), ProjectDirectory = FullName, IntermediateOutputPath = $"obj/Debug/{framework}/",
            StorePath = Store };
        Assert.IsTrue(task.Execute());
        Assert.IsEmpty(((BuildEngine)task.BuildEngine).Warnings);
    }

    /// <summary>Names of all files in the folder of outputs.</summary>
    public string[] Outputs(string framework = "net10.0")
    {
        string folder = this[$"obj/Debug/{framework}/ebsp"];
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Keys of the entries in the store.</summary>
    public string[] Entries() => Directory.Exists(this["obj/ebsp/entries"])
        ? [.. Directory.EnumerateDirectories(this["obj/ebsp/entries"]).Select(path => Path.GetFileName(path)!)
        .Order(StringComparer.Ordinal)]
        : [];

    public void Dispose() => _folder.Dispose();

    private TaskItem ItemOf(string path, Dictionary<string, string> metadata)
    {
        TaskItem item = new(this[path]);
        foreach ((string name, string value) in metadata)
            item.SetMetadata(name, value);
        return item;
    }

    private static string Host() =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../..", OperatingSystem.IsWindows()
            ? "dotnet.exe"
            : "dotnet"));
}

/// <summary>How a build ended.</summary>
internal sealed record Built(bool Success, CompileModels Task, BuildEngine Log)
{
    private const string Compiled = "ebspc compile ";

    /// <summary>Models that were given to the compiler, by file name.</summary>
    public string[] Compilations =>
        [.. Log.Messages.Select(message => message.Message!).Where(text => text.StartsWith(Compiled, StringComparison.Ordinal))
        .Select(text => Path.GetFileName(text[Compiled.Length..])).Order(StringComparer.Ordinal)];

    /// <summary>Codes of the errors.</summary>
    public string[] Errors => [.. Log.Errors.Select(error => error.Code)];

    public static Built Of(CompileModels task)
    {
        bool success = task.Execute();
        BuildEngine log = (BuildEngine)task.BuildEngine;
        Assert.AreEqual(success, log.Errors.Count == 0);
        return new Built(success, task, log);
    }

    /// <summary>The manifest of a model, by class.</summary>
    public string Manifest(string name) =>
        Task.Manifests.Select(item => File.ReadAllText(Path.Combine(Task.ProjectDirectory, item.ItemSpec)))
        .Single(text => text.Contains($"\"class\":\"{name}\"", StringComparison.Ordinal));
}
