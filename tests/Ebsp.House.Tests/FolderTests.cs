using Ebsp.TestKit;

namespace Ebsp.House.Tests;

/// <summary>The folders of a project have an order, so that each can be read with those below it alone.</summary>
[TestClass]
public sealed class FolderTests
{
    public static IEnumerable<string> Projects => HouseTests.ProjectFiles();

    [TestMethod]
    [DynamicData(nameof(Projects))]
    public void TopFolders_OfAProject_HaveNoCircle(string project)
    {
        IReadOnlyList<string> circle = FolderArrows.Of(Golden.RepositoryRoot, project).Circle();
        Assert.IsEmpty(circle, string.Join('\n', circle));
    }

    [TestMethod]
    public void Circle_OfTwoFolders_IsFound()
    {
        (string, SourceFile) low = ("Low", File("A.cs", "namespace P.Low;\n\ninternal static class A\n{\n    public const int One = " +
            "1;\n}\n"));
        (string, SourceFile) high = ("High", File("B.cs", "using P.Low;\n\nnamespace P.High;\n\ninternal static class B;\n"));
        Assert.IsEmpty(new FolderArrows([low, high]).Circle());
        (string, SourceFile) qualified =
            ("Low", File("C.cs", "namespace P.Low;\n\n/// <summary>Not <c>P.High.B</c>.</summary>\ninternal sealed class C(High.B b);\n"));
        CollectionAssert.AreEqual(new[] { "High -> Low: B.cs imports P.Low", "Low -> High: C.cs names High.B" },
            new FolderArrows([low, high, qualified]).Circle().ToArray());
    }

    [TestMethod]
    public void Circle_ThroughTheFilesAtTheTop_IsFound()
    {
        (string, SourceFile) top = (".", File("Top.cs", "using P.Room;\n\nnamespace P;\n\npublic sealed class Top;\n"));
        (string, SourceFile) comment = ("Room", File("A.cs", "namespace P.Room;\n\n// A Top.\npublic sealed record A(string Name = " +
            "\"Top\");\n"));
        Assert.IsEmpty(new FolderArrows([top, comment]).Circle());
        (string, SourceFile) user = ("Room", File("B.cs", "namespace P.Room;\n\npublic sealed record B(Top Top);\n"));
        Assert.HasCount(2, new FolderArrows([top, comment, user]).Circle());
    }

    private static SourceFile File(string path, string text) => new(path, text);
}
