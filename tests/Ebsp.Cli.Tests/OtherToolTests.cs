using System.Diagnostics;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;

namespace Ebsp.Cli.Tests;

/// <summary><c>ebspc VERB</c> is <c>ebspc-VERB</c> where ebspc has no such verb.</summary>
[TestClass]
public sealed class OtherToolTests
{
    [TestMethod]
    public void Verb_OfAToolOnPath_GetsTheRestOfTheLineAndGivesItsExitCode()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("The tool of this test is a shell script.");
            return;
        }

        using TemporaryFolder folder = new();
        string script = folder.Write("ebspc-echo", "#!/bin/sh\nfor a in \"$@\"; do echo \"[$a]\"; done\nexit 7\n"u8.ToArray());
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        ProcessStartInfo start = new("dotnet",
            [typeof(CommandLine).Assembly.Location, "echo", "a b", "--json", "*"]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = Path.GetDirectoryName(script) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(7, process.ExitCode);
        Assert.AreEqual("[a b]\n[--json]\n[*]\n", output);
    }

    [TestMethod]
    public void Verb_OfAToolThatIsMissing_SaysHowToGetIt()
    {
        CliResult result = Ebspc.Run("train", "net.onnx").Expect(ExitCode.Usage);
        Assert.Contains("dotnet build Ebsp.Training", result.Error);
        Assert.HasCount(1, result.Error.TrimEnd().Split('\n'));
    }

    [TestMethod]
    public void Verb_ThatNobodyHas_IsAUsageError() =>
        Assert.Contains("EBSP7101", Ebspc.Run("compil", "net.onnx").Expect(ExitCode.Usage).Error);
}
