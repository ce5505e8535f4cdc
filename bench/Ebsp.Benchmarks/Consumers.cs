using System.Diagnostics;
using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Logging;
using Microsoft.Build.Logging.StructuredLogger;

namespace Ebsp.Benchmarks;

/// <summary>Projects that use the package as a user does: packed from this repository into a feed of their own, below a temporary
/// folder.</summary>
internal sealed class Consumers : IDisposable
{
    private readonly Dictionary<string, string> _environment;
    private readonly string _version =
        string.Create(CultureInfo.InvariantCulture, $"0.1.1-bench.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}");
    private int _logs;

    public Consumers()
    {
        Folder = Directory.CreateTempSubdirectory("ebsp-bench-").FullName;
        _environment = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = Path.Combine(Folder, "packages"), ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0", ["DOTNET_NOLOGO"] = "1",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        };
        Run("dotnet", Repository(), "pack", "-c", "Release", "-o", Path.Combine(Folder, "feed"), "-nodeReuse:false", "-p:PackageVersion="
            + _version);
        // Nothing but the package: what else a project needs is part of the SDK.
        Write("nuget.config",
            $"""<configuration><packageSources><clear /><add key="feed" value="{Path.Combine(Folder, "feed")}" /></packageSources></configuration>""");
    }

    /// <summary>The folder of all projects.</summary>
    public string Folder { get; }

    /// <summary>Writes a file below the folder.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, path))!);
        File.WriteAllText(Path.Combine(Folder, path), text);
    }

    /// <summary>Writes a console project with items, and restores it.</summary>
    public void Project(string name, string items, string program)
    {
        Write($"{name}/Program.cs", program);
        Write($"{name}/{name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Ebsp.Build" Version="{_version}" />
                {items}
              </ItemGroup>
            </Project>
            """);
        Run("dotnet", Path.Combine(Folder, name), "restore", "-nodeReuse:false");
    }

    /// <summary>Builds a project and gives the milliseconds of our targets, each by its name, with tasks and the loading of their
    /// assembly.</summary>
    public Dictionary<string, double> Targets(string name, params string[] arguments)
    {
        string log = Path.Combine(Folder, $"{++_logs}.binlog");
        Run("dotnet", Path.Combine(Folder, name),
            ["build", "--no-restore", "-c", "Release", "-nodeReuse:false", "-bl:" + log, .. arguments]);
        Dictionary<string, double> targets = [];
        Dictionary<(int, int), DateTime> started = [];
        foreach (Record record in BinaryLog.ReadRecords(log))
        {
            if (record.Args is TargetStartedEventArgs { BuildEventContext: { } start } target
                && target.TargetName.StartsWith("Ebsp", StringComparison.Ordinal))
                started[(start.ProjectContextId, start.TargetId)] = target.Timestamp;
            else if (record.Args is TargetFinishedEventArgs { BuildEventContext: { } end } finished
                && started.Remove((end.ProjectContextId, end.TargetId), out DateTime from))
                targets[finished.TargetName] = targets.GetValueOrDefault(finished.TargetName)
                    + (finished.Timestamp - from).TotalMilliseconds;
        }

        return targets;
    }

    /// <summary>Runs a program to its end.</summary>
    public void Run(string file, string folder, params string[] arguments)
    {
        using Process process = Start(file, folder, arguments);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }

    /// <summary>Milliseconds from the start of a program to its first line.</summary>
    public double FirstLine(string file, string folder, params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Start(file, folder, arguments);
        string? line = process.StandardOutput.ReadLine();
        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && line is { Length: > 0 }
            ? took
            : throw new InvalidOperationException($"{file} ended with {process.ExitCode}");
    }

    /// <summary>Deletes the folder.</summary>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private Process Start(string file, string folder, string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments) { RedirectStandardOutput = true, WorkingDirectory = folder };
        // What `dotnet run` of this program leaves behind is not part of a user's shell.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("DOTNET_CLI_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in _environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ebsp.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the benchmark runs below the repository, which it packs");
    }
}
