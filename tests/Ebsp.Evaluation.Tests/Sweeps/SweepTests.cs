using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ebsp.Evaluation.Sweeps;
using Ebsp.TestKit;
using Ebsp.Tool;

namespace Ebsp.Evaluation.Tests.Sweeps;

/// <summary>64 points in any number of shards, stopped and killed at any moment, give the same table.</summary>
[TestClass]
public sealed class SweepTests
{
    private const int Points = 64;

    private static readonly string[] Space =
        ["--networks", "alexnet,vgg16,resnet18,resnet50,mobilenetv1,mobilenetv2,resnet20,squeezenet", "--bits", "6,8"];

    private static readonly Lazy<byte[]> Expected = new(() =>
    {
        using TemporaryFolder folder = new();
        Plan(folder.File("sweep"));
        Assert.AreEqual(ExitCode.Success, Lab.Run("sweep", "run", folder.File("sweep")).Exit);
        return Merged(folder, "sweep");
    });

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Plan_OfTheSamePoints_IsTheSameBytesWhateverTheirOrder()
    {
        using TemporaryFolder folder = new();
        Plan(folder.File("a"));
        Lab.Run("sweep", "plan", folder.File("b"), "--bits", "8,6,8", "--networks",
            "squeezenet,resnet20,mobilenetv2,mobilenetv1,resnet50,resnet18,vgg16,alexnet");
        byte[] plan = File.ReadAllBytes(folder.File("a/plan.json"));
        CollectionAssert.AreEqual(plan, File.ReadAllBytes(folder.File("b/plan.json")));
        Assert.HasCount(Points, SweepFolder.Open(folder.File("a")).Points.Select(point => point.Id).Distinct().ToArray());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(8)]
    [DataRow(64)]
    [DataRow(100)]
    public void Merge_OfAnyNumberOfShards_IsTheSameBytes(int shards)
    {
        using TemporaryFolder folder = new();
        string sweep = folder.File("sweep");
        Plan(sweep);
        int computed = 0;
        for (int i = shards - 1; i >= 0; i--)
        {
            (int exit, string output, string error) = Lab.Run("sweep", "run", sweep, "--shard", $"{i}/{shards}");
            Assert.AreEqual(ExitCode.Success, exit, error);
            Assert.Contains("0 kept, 0 left", output);
            computed += int.Parse(output.Split(": ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        }

        Assert.AreEqual(Points, computed);
        CollectionAssert.AreEqual(Expected.Value, Merged(folder, "sweep"));
    }

    [TestMethod]
    public void Run_KilledAtTwentyRandomMoments_GoesOnWhereItWasAndMergesToTheSameBytes()
    {
        Random random = new(64);
        int between = 0;
        for (int i = 0; i < 20; i++)
        {
            using TemporaryFolder folder = new();
            string sweep = folder.File("sweep");
            Plan(sweep);
            using (Process process = LabProcess.Start("sweep", "run", sweep))
            {
                // A moment at which so many points are finished, and a little later.
                int finished = random.Next(Points);
                while (!process.HasExited && Results(sweep).Length < finished)
                    Thread.Sleep(1);
                Thread.Sleep(random.Next(10));
                process.Kill();
                process.WaitForExit();
            }

            string[] done = Results(sweep);
            between += done.Length is > 0 and < Points ? 1 : 0;
            Dictionary<string, DateTime> written = done.ToDictionary(file => file, File.GetLastWriteTimeUtc);
            Assert.AreEqual(ExitCode.Success, Lab.Run("sweep", "run", sweep).Exit);
            foreach ((string file, DateTime time) in written)
                Assert.AreEqual(time, File.GetLastWriteTimeUtc(file), "a finished point was computed again");
            CollectionAssert.AreEqual(Expected.Value, Merged(folder, "sweep"));
        }

        TestContext.WriteLine($"{between} of 20 were killed between the first and the last point");
    }

    [TestMethod]
    public void Run_Terminated_EndsWithinFiveSecondsAndLeavesNoTemporaryFile()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("No such signal.");
            return;
        }

        Random random = new(15);
        for (int i = 0; i < 10; i++)
        {
            using TemporaryFolder folder = new();
            string sweep = folder.File("sweep");
            Plan(sweep, "--executed");
            using Process process = LabProcess.Start("sweep", "run", sweep);
            process.WaitForExit(random.Next(500, 1500));
            Stopwatch clock = Stopwatch.StartNew();
            LabProcess.Signal(process, "TERM");
            Assert.IsTrue(process.WaitForExit(5000), "still running after 5 s");
            Assert.AreEqual(143, process.ExitCode, $"after {clock.ElapsedMilliseconds} ms");
            Assert.IsEmpty(Directory.GetFiles(sweep, "*.tmp", SearchOption.AllDirectories));
        }
    }

    [TestMethod]
    public void Run_OneShardInFourProcessesAtOnce_LosesNothing()
    {
        using TemporaryFolder folder = new();
        string sweep = folder.File("sweep");
        Plan(sweep);
        Process[] processes = [.. Enumerable.Range(0, 4).Select(_ => LabProcess.Start("sweep", "run", sweep))];
        foreach (Process process in processes)
        {
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(ExitCode.Success, process.ExitCode, error);
            Assert.IsTrue(error.Length == 0 || error.Contains("two shards at once", StringComparison.Ordinal), error);
            process.Dispose();
        }

        Assert.HasCount(Points, Results(sweep));
        CollectionAssert.AreEqual(Expected.Value, Merged(folder, "sweep"));
    }

    [TestMethod]
    public void Run_DamagedResult_IsComputedAgain()
    {
        using TemporaryFolder folder = new();
        string sweep = folder.File("sweep");
        Plan(sweep);
        Lab.Run("sweep", "run", sweep);
        string[] files = Results(sweep);
        File.WriteAllText(files[0], "");
        File.WriteAllText(files[1], File.ReadAllText(files[1]).Replace("\"rows\":", "\"rows\":1", StringComparison.Ordinal));
        File.Copy(files[3], files[2], overwrite: true);
        Assert.Contains("61 of 64 points done, 3 damaged", Lab.Run("sweep", "status", sweep).Output);
        (int exit, string _, string error) = Lab.Run("sweep", "merge", sweep, "-o", folder.File("x.csv"));
        Assert.AreNotEqual(ExitCode.Success, exit);
        Assert.Contains("EBSP8008", error);
        Assert.Contains("3 points computed, 61 kept", Lab.Run("sweep", "run", sweep).Output);
        CollectionAssert.AreEqual(Expected.Value, Merged(folder, "sweep"));
    }

    [TestMethod]
    public void Merge_Partial_HasWhatIsThere()
    {
        using TemporaryFolder folder = new();
        string sweep = folder.File("sweep");
        Plan(sweep);
        Lab.Run("sweep", "run", sweep, "--shard", "1/4");
        Assert.AreEqual(ExitCode.Success, Lab.Run("sweep", "merge", sweep, "-o", folder.File("x.csv"), "--partial").Exit);
        Assert.HasCount(1 + Points / 4, File.ReadAllLines(folder.File("x.csv")));
    }

    [TestMethod]
    public void Folder_OfAnotherPlanOrVersion_IsLeftAsItIs()
    {
        using TemporaryFolder folder = new();
        string sweep = folder.File("sweep"), plan = Path.Combine(sweep, "plan.json");
        Assert.Contains("EBSP8006", Lab.Run("sweep", "run", sweep).Error);
        Plan(sweep);
        byte[] before = File.ReadAllBytes(plan);
        Assert.Contains("EBSP8006", Lab.Run("sweep", "plan", sweep, "--bits", "4").Error);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(plan));
        foreach ((string old, string changed) in new[]
        {
            ("\"tool\": \"", "\"tool\": \"0.0.1-"), ("\"k\": 3", "\"k\": 2"), ("\"points\"", "\"dots\""), ("{", "["),
        })
        {
            File.WriteAllText(plan, Encoding.UTF8.GetString(before).Replace(old, changed, StringComparison.Ordinal));
            (int exit, string _, string error) = Lab.Run("sweep", "run", sweep);
            Assert.AreNotEqual(ExitCode.Success, exit);
            Assert.Contains("EBSP8006", error);
            Assert.DoesNotContain("   at ", error);
            Assert.IsEmpty(Results(sweep));
        }
    }

    [TestMethod]
    public void Keep_AnotherValidResult_IsRefused()
    {
        using TemporaryFolder folder = new();
        Plan(folder.File("sweep"));
        SweepFolder sweep = SweepFolder.Open(folder.File("sweep"));
        SweepPoint point = sweep.Points[0];
        SweepResult result = SweepResult.Compute(point);
        Assert.IsFalse(sweep.Keep(point, result));
        Assert.IsTrue(sweep.Keep(point, result));
        Assert.Contains("EBSP8007", Assert.ThrowsExactly<Ebsp.Compiler.Diagnostics.EbspException>(
            () => sweep.Keep(point, result with { Cycles = result.Cycles + 1 })).Diagnostics[0].Code);
        Assert.AreEqual(result, sweep.Find(point));
    }

    [TestMethod]
    public void Run_OnAFullDisk_SaysSoAndKeepsWhatWasFinished()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("A small disk is mounted on Linux.");
            return;
        }

        using TemporaryFolder folder = new();
        string disk = folder.File("disk"), log = folder.File("log");
        Directory.CreateDirectory(disk);
        // 128 KiB hold the plan and some of the 64 files of a page each; what they hold is seen before the mount goes.
        string script = $"""
            mount -t tmpfs -o size=128k tmpfs '{disk}' || exit 99
            cd '{disk}'
            dotnet '{LabProcess.Assembly}' sweep plan s {string.Join(' ', Space)} > /dev/null || exit 98
            dotnet '{LabProcess.Assembly}' sweep run s > '{log}' 2>&1
            echo "exit $?" >> '{log}'
            ls s/points | grep -c json >> '{log}'
            ls s/points | grep -c tmp >> '{log}'
            mount -o remount,size=8m '{disk}'
            dotnet '{LabProcess.Assembly}' sweep run s >> '{log}' 2>&1
            dotnet '{LabProcess.Assembly}' sweep merge s -o '{folder.File("merged.csv")}' > /dev/null
            """;
        using Process process = Process.Start("unshare", ["-m", "bash", "-c", script]);
        process.WaitForExit();
        if (process.ExitCode == 99 || !File.Exists(log))
        {
            Assert.Inconclusive("No small disk can be mounted here.");
            return;
        }

        string[] lines = File.ReadAllLines(log);
        Assert.Contains("EBSP1011", lines[0]);
        Assert.DoesNotContain("   at ", lines[0]);
        Assert.AreNotEqual("exit 0", lines[1]);
        int kept = int.Parse(lines[2], CultureInfo.InvariantCulture);
        Assert.IsTrue(kept is > 0 and < Points, lines[2]);
        Assert.AreEqual("0", lines[3]);
        Assert.AreEqual($"shard 0/1: {Points - kept} points computed, {kept} kept, 0 left", lines[4]);
        CollectionAssert.AreEqual(Expected.Value, File.ReadAllBytes(folder.File("merged.csv")));
    }

    [TestMethod]
    [DataRow("--networks", "resnet21", "EBSP8001")]
    [DataRow("--bits", "7", "EBSP8005")]
    [DataRow("--bits", "six", "EBSP8005")]
    [DataRow("--batch", "0", "EBSP8005")]
    [DataRow("--buffer", "70000", "EBSP8005")]
    public void Plan_WrongValue_IsRefused(string option, string value, string code)
    {
        using TemporaryFolder folder = new();
        (int exit, string _, string error) = Lab.Run("sweep", "plan", folder.File("sweep"), option, value);
        Assert.AreNotEqual(ExitCode.Success, exit);
        Assert.Contains(code, error);
        Assert.IsFalse(Directory.Exists(folder.File("sweep")));
    }

    [TestMethod]
    public void Run_TimeBudget_BeginsNoFurtherPoint()
    {
        using TemporaryFolder folder = new();
        Plan(folder.File("sweep"));
        (int exit, string output, string _) = Lab.Run("sweep", "run", folder.File("sweep"), "--time-budget", "0");
        Assert.AreEqual(ExitCode.Success, exit);
        Assert.Contains("64 left", output);
    }

    private static void Plan(string folder, params string[] more) =>
        Assert.AreEqual(ExitCode.Success, Lab.Run(["sweep", "plan", folder, .. Space, .. more]).Exit);

    private static byte[] Merged(TemporaryFolder folder, string sweep)
    {
        string file = folder.File(sweep + ".csv");
        (int exit, string _, string error) = Lab.Run("sweep", "merge", folder.File(sweep), "-o", file);
        Assert.AreEqual(ExitCode.Success, exit, error);
        return File.ReadAllBytes(file);
    }

    private static string[] Results(string sweep) => [.. Directory.GetFiles(Path.Combine(sweep, "points"), "*.json").Order()];
}
