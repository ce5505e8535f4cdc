using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>
/// The packages as a user gets them: packed once a test run, with a version that no cache has seen, into a feed of its own.
/// Consumers live below the same folder and find the feed through its nuget.config; other packages come from the machine's own sources.
/// </summary>
internal sealed partial class LocalFeed
{
    // Above every released version, so that a dependency "at least the version of the project" is satisfied too.
    private const string VersionHead = "0.1.1-test";

    private static readonly Lazy<LocalFeed> Packed = new(() => new LocalFeed());

    private LocalFeed()
    {
        Folder = Directory.CreateTempSubdirectory("ebsp-consumers-").FullName;
        Feed = Directory.CreateDirectory(Path.Combine(Folder, "feed")).FullName;
        string stamp = DateTime.UtcNow.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        Version = $"{VersionHead}.{stamp}.{Environment.ProcessId}";
        Environments = new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = Path.Combine(Folder, "packages"),
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["DOTNET_NOLOGO"] = "1",
            // What one test compiles is none of another's.
            ["EbspStore"] = "off",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["MSBUILDDISABLENODEREUSE"] = "1",
            // A compiler server saves more than a second a build; one of this run alone, ended with it. Its pipe is a file of this name in
            // /tmp.
            ["UseSharedCompilation"] = "true",
            ["SharedCompilationId"] = Path.GetFileName(Folder) + ".csc",
        };
        SdkFolder = BasePath().Match(DotNet.Run(Folder, Environments, "--info").Out).Groups[1].Value.Trim();
        Pack();
        WriteConfiguration();
    }

    /// <summary>The feed, packed on first use.</summary>
    public static LocalFeed Instance => Packed.Value;

    /// <summary>The folder of everything that a test run makes.</summary>
    public string Folder { get; }

    /// <summary>The folder of the packages.</summary>
    public string Feed { get; }

    /// <summary>The version that all packages have.</summary>
    public string Version { get; }

    /// <summary>Variables of a consumer's build.</summary>
    public IReadOnlyDictionary<string, string> Environments { get; }

    /// <summary>The folder of the SDK.</summary>
    public string SdkFolder { get; }

    /// <summary>What packing printed as warnings.</summary>
    public IReadOnlyList<BuildIssue> Warnings { get; private set; } = [];

    /// <summary>How long packing took.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Where a restored package lies.</summary>
    public string PackageFolder(string id) => Path.Combine(Environments["NUGET_PACKAGES"], id.ToLowerInvariant(), Version);

    /// <summary>Ends the compiler server and deletes what the run made.</summary>
    public static void Clean()
    {
        if (!Packed.IsValueCreated)
            return;
        LocalFeed feed = Packed.Value;
        DotNet.Run(Path.GetTempPath(), feed.Environments, "exec", Path.Combine(feed.SdkFolder, "Roslyn", "bincore", "VBCSCompiler.dll"),
            "-pipename:" + feed.Environments["SharedCompilationId"], "-shutdown");
        if (Environment.GetEnvironmentVariable("EBSP_KEEP") != "1")
            Directory.Delete(feed.Folder, recursive: true);
    }

    private void Pack()
    {
        Stopwatch clock = Stopwatch.StartNew();
        string log = Path.Combine(Folder, "pack.binlog");
        // The configuration that is being tested, so that nothing is compiled again.
        string configuration = AppContext.BaseDirectory.Contains("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
        DotNet.Run(Golden.RepositoryRoot, Environments, "pack", "-c", configuration, "-o", Feed, "--no-restore", "-nodeReuse:false", "-bl:"
            + log, "-p:PackageVersion=" + Version).Expect(0);
        Warnings = BuildLog.Read(log).Warnings;
        Duration = clock.Elapsed;
    }

    private void WriteConfiguration()
    {
        string[] sources = [.. SourceName().Matches(DotNet.Run(Folder, Environments, "nuget", "list", "source").Out)
            .Select(match => match.Groups[1].Value)];
        XElement Mapping(string source, string pattern) =>
            new("packageSource", new XAttribute("key", source), new XElement("package", new XAttribute("pattern", pattern)));
        new XDocument(new XElement("configuration",
            new XElement("packageSources", new XElement("add", new XAttribute("key", "ebsp-feed"), new XAttribute("value", Feed))),
            new XElement("packageSourceMapping", [Mapping("ebsp-feed", "Ebsp.*"), .. sources.Select(source => Mapping(source, "*"))])))
            .Save(Path.Combine(Folder, "nuget.config"));
    }

    [GeneratedRegex(@"^\s*\d+\.\s+(.+?)\s+\[Enabled\]", RegexOptions.Multiline)]
    private static partial Regex SourceName();

    [GeneratedRegex(@"Base Path:(.+)$", RegexOptions.Multiline)]
    private static partial Regex BasePath();
}

/// <summary>Ends what the consumers of a test run have shared.</summary>
[TestClass]
public static class LocalFeedCleanup
{
    /// <summary>After the last test.</summary>
    [AssemblyCleanup]
    public static void Clean() => LocalFeed.Clean();
}
