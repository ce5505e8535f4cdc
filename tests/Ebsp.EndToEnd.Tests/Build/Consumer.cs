using System.Diagnostics;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>What a build of a consumer gave.</summary>
internal sealed record BuildResult(int Exit, string Out, BuildLog Log)
{
    /// <summary>Fails the test unless the build succeeded without a warning.</summary>
    public BuildResult Succeeded()
    {
        Assert.AreEqual(0, Exit, Out);
        Assert.IsEmpty(Log.Warnings, string.Join('\n', Log.Warnings));
        return this;
    }

    /// <summary>Fails the test unless the build failed with errors of these codes alone.</summary>
    public BuildResult Failed(params string[] codes)
    {
        Assert.AreNotEqual(0, Exit, Out);
        CollectionAssert.AreEquivalent(codes, Log.Errors.Select(error => error.Code).ToArray(), Out);
        return this;
    }
}

/// <summary>A folder with projects that use the packages, built by the real dotnet.</summary>
internal sealed class Consumer : IDisposable
{
    private int builds;

    /// <summary>An empty folder below the feed's.</summary>
    public Consumer(string name)
    {
        Folder = Path.Combine(LocalFeed.Instance.Folder, "consumers", name);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The reference that <c>dotnet add package</c> writes.</summary>
    public static string Reference =>
        $"<ItemGroup><PackageReference Include=\"Ebsp.Build\" Version=\"{LocalFeed.Instance.Version}\" /></ItemGroup>";

    /// <summary>A project file of the SDK with the package and more.</summary>
    /// <param name="properties">Elements of a PropertyGroup.</param>
    /// <param name="items">Elements of an ItemGroup.</param>
    /// <param name="framework">The target framework, or several.</param>
    public static string Project(string properties, string items, string framework = "net10.0") => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <{(framework.Contains(';', StringComparison.Ordinal) ? "TargetFrameworks" : "TargetFramework")}>{framework}</{(framework.Contains(';', StringComparison.Ordinal) ? "TargetFrameworks" : "TargetFramework")}>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            {properties}
          </PropertyGroup>
          {Reference}
          <ItemGroup>
            {items}
          </ItemGroup>
        </Project>
        """;

    /// <summary>Path of a file.</summary>
    public string File(string path) => Path.Combine(Folder, path);

    /// <summary>Writes a text.</summary>
    public Consumer Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(path))!);
        System.IO.File.WriteAllText(File(path), text);
        return this;
    }

    /// <summary>Writes bytes.</summary>
    public Consumer Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(path))!);
        System.IO.File.WriteAllBytes(File(path), bytes);
        return this;
    }

    /// <summary>Copies a file of the repository or the data folder.</summary>
    public Consumer Copy(string from, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File(path))!);
        System.IO.File.Copy(from, File(path), overwrite: true);
        return this;
    }

    /// <summary><c>dotnet build</c> with a binary log.</summary>
    public BuildResult Build(params string[] args) => MSBuild(["build", .. args]);

    /// <summary>A command of dotnet that takes a binary log: build, publish, pack, clean, test.</summary>
    public BuildResult MSBuild(params string[] args) => MSBuild(new Dictionary<string, string>(), args);

    /// <summary>A command of dotnet that takes a binary log, with variables of its own.</summary>
    public BuildResult MSBuild(IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        string log = NextLog();
        ProcessResult result = DotNet.Finish(Start(environment, [.. args, "-bl:" + log, HelpLinks.Argument(log), "-nodeReuse:false"]));
        return new BuildResult(result.Exit, result.Out + result.Error, BuildLog.Read(log));
    }

    /// <summary>Starts dotnet in the folder.</summary>
    public Process Start(IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        Dictionary<string, string> variables = new(LocalFeed.Instance.Environments);
        foreach ((string name, string value) in environment)
            variables[name] = value;
        return DotNet.Start("dotnet", Folder, variables, args);
    }

    /// <summary>Any command of dotnet, to its end.</summary>
    public ProcessResult Run(params string[] args) => DotNet.Run(Folder, LocalFeed.Instance.Environments, args);

    /// <summary>A place for a binary log, outside the consumer's folder.</summary>
    public string NextLog() => $"{Folder}.{Interlocked.Increment(ref builds)}.binlog";

    /// <summary>Deletes the folder.</summary>
    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("EBSP_KEEP") != "1")
            Directory.Delete(Folder, recursive: true);
    }
}
