using System.Text.RegularExpressions;
using System.Xml.Linq;
using Ebsp.TestKit;

namespace Ebsp.House.Tests;

/// <summary>Who may refer to whom, and with which packages: holds the project files to it.</summary>
[TestClass]
public sealed partial class HouseTests
{
    private static readonly string[] RunTime = ["Ebsp.Isa", "Ebsp.Emulator"];

    // Compares public members with the committed lists while it compiles; nothing of it goes into a package.
    private const string ListsOfMembers = "Microsoft.CodeAnalysis.PublicApiAnalyzers";

    // Projects and packages that each project may refer to; samples, tests, benchmarks and templates are free.
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Allowed = new()
    {
        ["Ebsp.Isa"] = ([], []),
        ["Ebsp.Emulator"] = (["Ebsp.Isa"], []),
        ["Ebsp.Compiler"] = (["Ebsp.Isa", "Ebsp.Emulator"], ["Google.Protobuf", "SixLabors.ImageSharp", "System.IO.Hashing"]),
        ["Ebsp.Training"] = (["Ebsp.Isa", "Ebsp.Emulator", "Ebsp.Compiler"], ["System.CommandLine", "TorchSharp-cpu"]),
        ["Ebsp.Evaluation"] = (["Ebsp.Isa", "Ebsp.Emulator", "Ebsp.Compiler"], ["System.CommandLine", "Plotly.NET"]),
        ["Ebsp.Cli"] = (["Ebsp.Isa", "Ebsp.Emulator", "Ebsp.Compiler"], ["System.CommandLine"]),
        ["Ebsp.Build.Tasks"] = ([], ["Microsoft.Build.Framework", "Microsoft.Build.Utilities.Core"]),
        ["Ebsp.SourceGen"] = ([], ["Microsoft.CodeAnalysis.CSharp"]),
    };

    [TestMethod]
    public void References_OfEveryProject_KeepToTheHouse()
    {
        string[] house = [.. ProjectFiles().Where(path => !Free().IsMatch(path))];
        Assert.IsGreaterThanOrEqualTo(4, house.Length);
        string[] wrong = [.. house.SelectMany(path => Violations(Path.GetFileNameWithoutExtension(path), Load(path)))];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    [DataRow("Ebsp.Isa", "<ProjectReference Include='../Ebsp.Emulator/Ebsp.Emulator.csproj' />", true)]
    [DataRow("Ebsp.Emulator", "<ProjectReference Include='..\\Ebsp.Compiler\\Ebsp.Compiler.csproj' />", true)]
    [DataRow("Ebsp.Emulator", "<ProjectReference Include='../Ebsp.Compiler/Ebsp.Compiler.csproj' ReferenceOutputAssembly='false' />",
        false)]
    [DataRow("Ebsp.Emulator", "<ProjectReference Include='../Ebsp.Isa/Ebsp.Isa.csproj' />", false)]
    [DataRow("Ebsp.Emulator", "<PackageReference Include='Google.Protobuf' />", true)]
    [DataRow("Ebsp.Emulator", "<PackageReference Include='Grpc.Tools' PrivateAssets='all' />", true)]
    [DataRow("Ebsp.Emulator", "<PackageReference Include='Microsoft.CodeAnalysis.PublicApiAnalyzers' PrivateAssets='all' />", false)]
    [DataRow("Ebsp.Emulator", "<PackageReference Include='Microsoft.CodeAnalysis.PublicApiAnalyzers' />", true)]
    [DataRow("Ebsp.Compiler", "<PackageReference Include='Grpc.Tools' PrivateAssets='all' />", false)]
    [DataRow("Ebsp.Compiler", "<PackageReference Include='Grpc.Tools' />", true)]
    [DataRow("Ebsp.Other", "", true)]
    public void Violations_OfAReference_AreFound(string name, string item, bool wrong)
    {
        XDocument project = XDocument.Parse($"<Project><ItemGroup>{item}</ItemGroup></Project>");
        Assert.AreEqual(wrong, Violations(name, project).Any());
    }

    [TestMethod]
    public void RunTimeLibraries_AreForEveryFrameworkTrimmableAndAheadOfTime()
    {
        foreach (string name in RunTime)
        {
            XDocument project = Load($"{name}/{name}.csproj");
            Assert.AreEqual("net8.0;net9.0;net10.0", Property(project, "TargetFrameworks"), name);
            Assert.AreEqual("true", Property(project, "IsTrimmable"), name);
            Assert.AreEqual("true", Property(project, "IsAotCompatible"), name);
        }
    }

    // 1.2 GB that only training needs: the first command of the README restores none of it, and no package but its own holds it.
    [TestMethod]
    public void TrainingAndItsNativeLibrary_AreReachedFromItsOwnTestsAlone()
    {
        string[] users = [.. ProjectFiles().Where(path => Reached(path).Any(each =>
            Path.GetFileName(each) == "Ebsp.Training.csproj"
            || Items(Load(each), "PackageReference").Any(package => Include(package).Contains("torch",
                StringComparison.OrdinalIgnoreCase))))];
        CollectionAssert.AreEquivalent(new[] { "Ebsp.Training/Ebsp.Training.csproj",
            "tests/Ebsp.Training.Tests/Ebsp.Training.Tests.csproj" },
            users);
    }

    [TestMethod]
    public void Packages_OfEveryProject_HaveCentralVersions()
    {
        XDocument central = Load("Directory.Packages.props");
        Assert.AreEqual("true", Property(central, "ManagePackageVersionsCentrally"));
        Assert.AreEqual("true", Property(central, "CentralPackageTransitivePinningEnabled"));
        string[] versions = [.. Items(central, "PackageVersion").Select(Include)];
        CollectionAssert.AllItemsAreUnique(versions);
        Assert.IsEmpty(Items(Load("Directory.Build.props"), "PackageReference"), "a package of every project would be one of Ebsp.Isa");
        foreach (string path in ProjectFiles())
        {
            XDocument project = Load(path);
            Assert.IsEmpty(Items(project, "PackageVersion"), path);
            Assert.AreNotEqual("false", Property(project, "ManagePackageVersionsCentrally"), path);
            foreach (XElement package in Items(project, "PackageReference"))
            {
                Assert.Contains(Include(package), versions, path);
                Assert.IsNull(Metadata(package, "Version") ?? Metadata(package, "VersionOverride"),
                    $"{path}: {Include(package)} has a version of its own");
            }
        }
    }

    [TestMethod]
    public void Solution_HasEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "Ebsp.sln"));
        string[] listed = [.. SolutionProject().Matches(solution).Select(match => match.Groups[1].Value.Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(ProjectFiles(), listed);
    }

    private static IEnumerable<string> Violations(string name, XDocument project)
    {
        if (!Allowed.TryGetValue(name, out (string[] Projects, string[] Packages) allowed))
            return [$"{name} is no project of the house"];
        // A reference for packaging alone passes no types on; nor does a package of the build alone, though run-time libraries take none at
        // all.
        return Items(project, "ProjectReference")
            .Where(item => !string.Equals(Metadata(item, "ReferenceOutputAssembly"), "false", StringComparison.OrdinalIgnoreCase))
            .Select(item => Path.GetFileNameWithoutExtension(Include(item).Replace('\\', '/')))
            .Except(allowed.Projects)
            .Concat(Items(project, "PackageReference")
                .Where(item => (RunTime.Contains(name) && Include(item) != ListsOfMembers)
                    || !string.Equals(Metadata(item, "PrivateAssets"), "all", StringComparison.OrdinalIgnoreCase))
                .Select(Include)
                .Except(allowed.Packages))
            .Select(reference => $"{name} refers to {reference}");
    }

    // A project and all that it refers to.
    private static HashSet<string> Reached(string project)
    {
        HashSet<string> reached = new(StringComparer.Ordinal);
        Stack<string> open = new([project]);
        while (open.TryPop(out string? path))
        {
            if (!reached.Add(path))
                continue;
            string folder = Path.GetDirectoryName(Path.Combine(Golden.RepositoryRoot, path))!;
            foreach (XElement reference in Items(Load(path), "ProjectReference"))
                open.Push(Path.GetRelativePath(Golden.RepositoryRoot, Path.GetFullPath(Include(reference).Replace('\\', '/'), folder)));
        }

        return reached;
    }

    internal static string[] ProjectFiles() =>
    [
        .. Directory.EnumerateFiles(Golden.RepositoryRoot, "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Golden.RepositoryRoot, path).Replace('\\', '/'))
            // Under content/ are the projects that dotnet new makes for a user.
            .Where(path => !path.StartsWith("artifacts/", StringComparison.Ordinal)
                && !path.Contains("/content/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private static XDocument Load(string path) => XDocument.Load(Path.Combine(Golden.RepositoryRoot, path));

    private static IEnumerable<XElement> Items(XDocument project, string name) => project.Descendants()
        .Where(element => element.Name.LocalName == name);

    private static string Include(XElement item) => Metadata(item, "Include") ?? Metadata(item, "Update") ?? "";

    // As an attribute or as an element of the item.
    private static string? Metadata(XElement item, string name) =>
        item.Attribute(name)?.Value ?? item.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    private static string? Property(XDocument project, string name) => Items(project, name).LastOrDefault()?.Value;

    [GeneratedRegex("^(samples|tests|bench|templates)/")]
    private static partial Regex Free();

    [GeneratedRegex("\"([^\"]+\\.csproj)\"")]
    private static partial Regex SolutionProject();
}
