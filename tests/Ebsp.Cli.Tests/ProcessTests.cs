using System.Diagnostics;
using System.Security.Cryptography;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>ebspc as a process of its own: streams, exit codes, signals, cultures.</summary>
[TestClass]
public sealed class ProcessTests
{
    [TestMethod]
    public void Process_Run_KeepsStreamsApart()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        CliResult result = Ebspc.RunProcess("run", program, "--input", DigitsModel.HeldOut).Expect(0);
        Assert.Contains("top-1", result.Out);
        Assert.Contains("images a second", result.Error);
        Assert.DoesNotContain('\u001B', result.Out + result.Error);
        Ebspc.RunProcess("run", "--nothing").Expect(2);
        Ebspc.RunProcess("inspect", folder.File("absent")).Expect(6);
    }

    [TestMethod]
    public void Program_FoldersAndCultures_AreTheSameBytes()
    {
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        foreach (string? culture in new[] { null, "tr_TR.UTF-8", "de_DE.UTF-8", "ar_SA.UTF-8" })
        {
            string place = Directory.CreateDirectory(folder.File("ü " + culture)).FullName;
            string onnx = Path.Combine(place, "digits.onnx"), program = Path.Combine(place, "digits.ebsp");
            File.Copy(DigitsModel.Onnx, onnx);
            string[] compile = ["compile", onnx, "--scale", "1/16", "--calibration", DigitsModel.Calibration, "-o", program];
            if (culture is not null)
            {
                CliResult doctor = Ebspc.RunCulture(culture, "doctor");
                if (doctor.Exit != 0)
                    Assert.Inconclusive("No ICU on this host: cultures cannot be tested.");
                Assert.Contains(culture[..5].Replace('_', '-'), doctor.Out);
            }

            CliResult result = culture is null ? Ebspc.RunProcess(compile) : Ebspc.RunCulture(culture, compile);
            result.Expect(0);
            hashes.Add(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(program))));
        }

        Assert.HasCount(1, hashes);
    }

    [TestMethod]
    [DataRow("INT", 130)]
    [DataRow("TERM", 143)]
    public void Signal_DuringRun_EndsSoonWithoutOutput(string signal, int exit)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Signals are those of POSIX systems.");
        if (signal == "INT" && IgnoresInterrupt())
            Assert.Inconclusive("Jobs that a shell starts in the background ignore SIGINT, and so do their children.");
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program), scores = folder.File("scores.npy");
        string images = folder.File("images.npy");
        // Far more literal work than the time until the signal.
        Ebsp.Compiler.Data.NpyFile.Write(images, new Ebsp.Compiler.Data.NpyArray([20_000, 1, 8, 8], new byte[20_000 * 64]));
        using Process process = Ebspc.Start("run", program, "--input", images, "--engine", "literal", "-o", scores);
        Thread.Sleep(1500);
        Assert.IsFalse(process.HasExited);
        Stopwatch clock = Stopwatch.StartNew();
        Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        Assert.IsTrue(process.WaitForExit(20_000));
        Assert.AreEqual(exit, process.ExitCode);
        Assert.IsLessThan(10, clock.Elapsed.TotalSeconds);
        Assert.HasCount(2, Directory.GetFiles(folder.FullName));
    }

    private static bool IgnoresInterrupt()
    {
        const string Status = "/proc/self/status", Mask = "SigIgn:";
        const int Interrupt = 2;
        return File.Exists(Status)
            && (Convert.ToUInt64(
            File.ReadLines(Status).First(line => line.StartsWith(Mask, StringComparison.Ordinal))[Mask.Length..].Trim(), 16) >> (
            Interrupt - 1) & 1) == 1;
    }
}
