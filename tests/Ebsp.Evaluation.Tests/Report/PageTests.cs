using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.Tool;

namespace Ebsp.Evaluation.Tests.Report;

[TestClass]
public sealed partial class PageTests
{
    private const int MostBytes = 6_000_000;

    [TestMethod]
    public void Compare_Page_IsOneFileOfAtMostSixMegabytesThatFetchesNothing()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("page.html");
        (int exit, string _, string error) = Lab.Run("compare", "--page", file);
        Assert.AreEqual(ExitCode.Success, exit, error);
        string html = File.ReadAllText(file);
        Assert.IsLessThan(MostBytes, new FileInfo(file).Length);
        CollectionAssert.AreEqual(
            (string[])["speedup", "energy", "networks", "breakdown", "utilization", "roofline", "pareto", "tornado", "patterns"],
                Figures(html));
        Assert.AreEqual(9, Count(html, "class=\"figure\""));
        Assert.IsEmpty(Outside().Matches(Own(html)), "an address to fetch");
        Assert.Contains("default-src 'none'", html);
        Lab.Run("compare", "--page", folder.File("again.html"));
        CollectionAssert.AreEqual(File.ReadAllBytes(file), File.ReadAllBytes(folder.File("again.html")));
    }

    [TestMethod]
    public void Report_OfAProgram_HasLayersStallsRooflineAndPatterns()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("net.ebsp", ProgramWriter.Write(SmallProgram.Compile()));
        (int exit, string output, string error) = Lab.Run("report", program);
        Assert.AreEqual(ExitCode.Success, exit, error);
        Assert.Contains("stall counter", output);
        string html = File.ReadAllText(folder.File("net.html"));
        CollectionAssert.AreEqual((string[])["timeline", "stalls", "roofline", "utilization", "breakdown", "patterns"], Figures(html));
        Assert.AreEqual(ExitCode.Success, Lab.Run("report", program, "--no-page", "--json").Exit);
    }

    [TestMethod]
    public void Report_OfSomethingElse_IsRefused()
    {
        using TemporaryFolder folder = new();
        (int exit, string _, string error) = Lab.Run("report", folder.Write("net.ebsp", Encoding.UTF8.GetBytes("no program")));
        Assert.AreNotEqual(ExitCode.Success, exit);
        Assert.DoesNotContain("   at ", error);
    }

    [TestMethod]
    public void Page_NamesOfAUser_EndNoElement()
    {
        using TemporaryFolder folder = new();
        string evil = "</script><img src=x onerror=alert(1)>";
        string machine = folder.Write("m.json", Encoding.UTF8.GetBytes(new JsonObject
        {
            ["name"] = evil, ["dataflow"] = "weight-stationary", ["rows"] = 8, ["columns"] = 8, ["bits"] = 8, ["macPicojoules"] = 1,
            ["source"] = evil,
        }.ToJsonString()));
        string file = folder.File("page.html");
        (int exit, string _, string error) = Lab.Run("compare", "--machines", machine, "--networks", "resnet20", "--page", file);
        Assert.AreEqual(ExitCode.Success, exit, error);
        Assert.DoesNotContain("<img", Own(File.ReadAllText(file)));
    }

    [TestMethod]
    [DataRow("compare")]
    [DataRow("report")]
    public void Page_InABrowserWithoutNetwork_DrawsEveryFigureAndLogsNothing(string verb)
    {
        if (Find("chromium") is not { } browser)
        {
            Assert.Inconclusive("No Chromium on this machine.");
            return;
        }

        using TemporaryFolder folder = new();
        string file = folder.File("page.html");
        string[] call = verb == "compare" ? ["compare", "--networks", "resnet20,alexnet"]
            : ["report", folder.Write("net.ebsp", ProgramWriter.Write(SmallProgram.Compile()))];
        Assert.AreEqual(ExitCode.Success, Lab.Run([.. call, "--page", file]).Exit);
        ProcessStartInfo start = new(browser,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--user-data-dir=" + folder.File("profile"), "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom", "file://"
                + file,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> log = process.StandardError.ReadToEndAsync();
        string page = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Contains($"data-drawn=\"{(verb == "compare" ? 9 : 6)}\"", page, log.Result);
        Assert.IsEmpty(log.Result.Split('\n').Where(line => line.Contains("CONSOLE", StringComparison.Ordinal)
            && line.Contains("source: file:", StringComparison.Ordinal)).ToArray());
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    // The page without the drawing library.
    private static string Own(string html)
    {
        int library = html.IndexOf("plotly.js v", StringComparison.Ordinal), end = html.IndexOf("</script>", library, StringComparison
            .Ordinal);
        return html[..library] + html[end..];
    }

    private static string[] Figures(string html)
    {
        const string Start = "id=\"figures\">";
        int start = html.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return [.. JsonNode.Parse(html[start..html.IndexOf("</script>", start, StringComparison.Ordinal)])!.AsArray()
            .Select(figure => (string)figure!["id"]!)];
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [GeneratedRegex("(src|href)=\"|url\\(|@import|https?://")]
    private static partial Regex Outside();
}
