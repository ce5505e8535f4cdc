using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>What the packages hold.</summary>
[TestClass]
public sealed class PackageTests
{
    [TestMethod]
    public void Pack_OneCommand_HasNoWarning() =>
        Assert.IsEmpty(LocalFeed.Instance.Warnings, string.Join('\n', LocalFeed.Instance.Warnings));

    [TestMethod]
    public void Packages_Files_AreThoseOfTheList()
    {
        StringBuilder list = new();
        foreach (string package in Directory.GetFiles(LocalFeed.Instance.Feed, "*.nupkg").Order(StringComparer.Ordinal))
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            list.Append(Path.GetFileName(package).Replace("." + LocalFeed.Instance.Version, "", StringComparison.Ordinal)).Append('\n');
            foreach (string entry in archive.Entries.Select(entry => entry.FullName).Where(IsContent).Order(StringComparer.Ordinal))
                list.Append("  ").Append(entry).Append('\n');
        }

        Golden.Check("tests/Ebsp.EndToEnd.Tests/Build/packages.txt", list.ToString());
    }

    [TestMethod]
    public void Packages_EveryLibrary_IsManaged()
    {
        int libraries = 0;
        foreach ((string package, ZipArchiveEntry entry) in Entries())
        {
            using Stream stream = entry.Open();
            byte[] head = new byte[4];
            int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            bool elf = head.AsSpan().SequenceEqual("\u007FELF"u8), mach = length == 4 && head[3] is 0xFE && (head[0] is 0xCE or 0xCF),
                script = head.AsSpan(0, 2).SequenceEqual("#!"u8);
            Assert.IsFalse(elf || mach || script, $"{package}: {entry.FullName}");
            if (!head.AsSpan(0, 2).SequenceEqual("MZ"u8))
                continue;
            libraries++;
            using MemoryStream copy = new();
            using (Stream again = entry.Open())
                again.CopyTo(copy);
            copy.Position = 0;
            using System.Reflection.PortableExecutable.PEReader reader = new(copy);
            Assert.IsTrue(reader.HasMetadata, $"{package}: {entry.FullName}");
            // IL alone for any processor: a ready-to-run image would have code of one.
            Assert.IsTrue(reader.PEHeaders.CorHeader!.Flags.HasFlag(System.Reflection.PortableExecutable.CorFlags.ILOnly),
                $"{package}: {entry.FullName}");
        }

        Assert.IsGreaterThan(10, libraries);
    }

    [TestMethod]
    public void Packages_WithLibrariesOfOthers_HaveTheirNotices()
    {
        foreach (string package in Directory.GetFiles(LocalFeed.Instance.Feed, "*.nupkg"))
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            string[] others = [.. archive.Entries.Select(entry => Path.GetFileNameWithoutExtension(entry.Name))
                .Where(name => name is "Google.Protobuf" or "SixLabors.ImageSharp" or "System.CommandLine"
                    or "System.IO.Hashing").Distinct()];
            if (others.Length == 0)
                continue;
            ZipArchiveEntry? notices = archive.GetEntry("THIRD-PARTY-NOTICES.md");
            Assert.IsNotNull(notices, package);
            using StreamReader reader = new(notices.Open());
            string text = reader.ReadToEnd();
            foreach (string other in others)
                Assert.Contains(other, text, package);
        }
    }

    [TestMethod]
    public void BuildPackage_Dependencies_AreExactAndOnePerFramework()
    {
        using ZipArchive archive =
            ZipFile.OpenRead(Path.Combine(LocalFeed.Instance.Feed, $"Ebsp.Build.{LocalFeed.Instance.Version}.nupkg"));
        using Stream stream = archive.GetEntry("Ebsp.Build.nuspec")!.Open();
        XDocument nuspec = XDocument.Load(stream);
        XElement[] groups = [.. nuspec.Descendants().Where(element => element.Name.LocalName == "group")];
        CollectionAssert.AreEquivalent(new[] { "net8.0", "net9.0", "net10.0" },
            groups.Select(group => group.Attribute("targetFramework")!.Value).ToArray());
        foreach (XElement group in groups)
            CollectionAssert.AreEquivalent(
                new[] { $"Ebsp.Emulator [{LocalFeed.Instance.Version}]", $"Ebsp.Isa [{LocalFeed.Instance.Version}]" },
                group.Elements().Select(dependency => $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value}")
                    .ToArray());
        Assert.IsFalse(nuspec.Descendants().Any(element => element.Name.LocalName == "developmentDependency"),
            "a development dependency brings no run-time packages");
        foreach (string file in new[] { "props", "targets" })
            Assert.AreEqual(Text(archive, $"build/Ebsp.Build.{file}"), Text(archive, $"buildTransitive/Ebsp.Build.{file}"),
                "a direct reference imports buildTransitive alone");
    }

    private static string Text(ZipArchive archive, string path)
    {
        using StreamReader reader = new(archive.GetEntry(path)!.Open());
        return reader.ReadToEnd();
    }

    private static IEnumerable<(string Package, ZipArchiveEntry Entry)> Entries()
    {
        foreach (string package in Directory.GetFiles(LocalFeed.Instance.Feed, "*.nupkg"))
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            foreach (ZipArchiveEntry entry in archive.Entries)
                yield return (Path.GetFileName(package), entry);
        }
    }

    // Parts of the container itself have names of their own in every package.
    private static bool IsContent(string entry) => entry != "[Content_Types].xml" && !entry.StartsWith("_rels/", StringComparison.Ordinal)
        && !entry.StartsWith("package/", StringComparison.Ordinal);
}
