using System.Diagnostics;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>What a process gave.</summary>
internal sealed record ProcessResult(int Exit, string Out, string Error)
{
    /// <summary>Fails the test unless the process ended with a code.</summary>
    public ProcessResult Expect(int exit)
    {
        Assert.AreEqual(exit, Exit, $"out: {Out}\nerror: {Error}");
        return this;
    }
}

/// <summary>Starts dotnet as a user's shell would: without what the test host's own dotnet left in the environment.</summary>
internal static class DotNet
{
    // Of the dotnet command, MSBuild and the test platform; they would lead a consumer's build to other files than its own shell does.
    private static readonly string[] Inherited = ["MSBUILD", "DOTNET_HOST_PATH", "DOTNET_CLI_", "TESTINGPLATFORM", "VSTEST", "EBSP"];

    /// <summary>Runs dotnet to its end.</summary>
    public static ProcessResult Run(string folder, IReadOnlyDictionary<string, string> environment, params string[] args) =>
        Finish(Start("dotnet", folder, environment, args));

    /// <summary>Starts a program with redirected streams.</summary>
    public static Process Start(string program, string folder, IReadOnlyDictionary<string, string> environment, params string[] args)
    {
        ProcessStartInfo start = new(program, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        foreach (string name in start.Environment.Keys.Where(name =>
            Inherited.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end.</summary>
    public static ProcessResult Finish(Process process)
    {
        using Process ended = process;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProcessResult(process.ExitCode, output, error.Result);
    }
}
