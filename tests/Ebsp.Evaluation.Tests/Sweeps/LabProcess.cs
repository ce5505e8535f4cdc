using System.Diagnostics;

namespace Ebsp.Evaluation.Tests.Sweeps;

/// <summary>ebspc-lab as a process of its own.</summary>
internal static class LabProcess
{
    public static Process Start(params string[] args) => Process.Start(new ProcessStartInfo("dotnet", [Assembly, .. args])
    {
        RedirectStandardOutput = true, RedirectStandardError = true,
    })!;

    public static string Assembly => typeof(CommandLine).Assembly.Location;

    public static int Run(params string[] args)
    {
        using Process process = Start(args);
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.IsEmpty(error.Result);
        return process.ExitCode;
    }

    public static void Signal(Process process, string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
