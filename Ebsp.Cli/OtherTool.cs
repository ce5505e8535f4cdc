using System.Diagnostics;

namespace Ebsp.Cli;

/// <summary>A tool beside ebspc: <c>ebspc VERB</c> is <c>ebspc-VERB</c> where ebspc has no such verb, as git and cargo do.</summary>
internal sealed class OtherTool
{
    // The tools of this project, and how to get each.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["lab"] = "dotnet tool install --global Ebsp.Evaluation",
        ["train"] = "dotnet build Ebsp.Training in a clone of the repository, and put ebspc-train on PATH (docs/training.md)",
    };

    private readonly string _verb;
    private readonly string[] _arguments;

    private OtherTool(string[] args) => (_verb, _arguments) = (args[0], args[1..]);

    /// <summary>The other tool of a command line; null where the verb is one of ebspc's own, or none that a file could be called after and
    /// nobody offers.</summary>
    public static OtherTool? Of(string[] args)
    {
        if (args.Length == 0 || args[0].Length == 0 || !args[0].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            return null;
        if (CommandLine.Create().Subcommands.Any(verb => verb.Name == args[0]))
            return null;
        OtherTool tool = new(args);
        return Known.ContainsKey(args[0]) || tool.Find() is not null ? tool : null;
    }

    /// <summary>Runs it with the rest of the command line, on this process's streams.</summary>
    /// <returns>Its exit code.</returns>
    public int Run(Terminal terminal)
    {
        if (Find() is not { } file)
        {
            terminal.Error.WriteLine(
                $"ebspc {_verb} is a tool of its own and is not installed: {Known[_verb]}");
            return ExitCode.Usage;
        }

        bool isAssembly = file.EndsWith(".dll", StringComparison.Ordinal);
        ProcessStartInfo start = new(isAssembly ? Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet" : file);
        if (isAssembly)
            start.ArgumentList.Add(file);
        foreach (string argument in _arguments)
            start.ArgumentList.Add(argument);
        terminal.Out.Flush();
        using Process process = Process.Start(start)!;
        // A signal goes to both processes of the terminal's group; one sent to this process alone is passed on.
        using CancellationTokenRegistration stop = terminal.Cancellation.Register(() => Stop(process));
        process.WaitForExit();
        return process.ExitCode;
    }

    private static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";

    private static void Stop(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    // Beside ebspc, in the folder of the user's tools, then on PATH.
    private string? Find()
    {
        string name = "ebspc-" + _verb, program = OperatingSystem.IsWindows() ? name + ".exe" : name;
        string tools = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools");
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string?[] own = [AppContext.BaseDirectory, Path.GetDirectoryName(Environment.ProcessPath)];
        foreach (string folder in own.OfType<string>().Append(tools).Concat(path).Where(Path.IsPathFullyQualified))
        {
            if (File.Exists(Path.Combine(folder, program)))
                return Path.Combine(folder, program);
        }

        return File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll")) ? Path.Combine(AppContext.BaseDirectory, name + ".dll")
            : null;
    }
}
