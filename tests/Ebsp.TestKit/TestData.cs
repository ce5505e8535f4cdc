namespace Ebsp.TestKit;

/// <summary>Finds the public data sets and networks that are not part of the repository.</summary>
public static class TestData
{
    /// <summary>The data folder: EBSP_DATA, else <c>shared/data</c> in a folder above the test or beside the repository; null if there is
    /// none.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Path of a file below the data folder; ends the test as inconclusive where it is absent.</summary>
    public static string File(string relative)
    {
        string? path = Root is null ? null : Path.Combine(Root, relative);
        if (path is null || !System.IO.File.Exists(path))
            Assert.Inconclusive($"The data file {relative} is absent; set EBSP_DATA to the data folder.");
        return path;
    }

    /// <summary>Path of a file of the repository; ends the test as inconclusive where the test runs outside of it.</summary>
    public static string Repository(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Ebsp.sln")))
                return Path.Combine(folder.FullName, relative);
        Assert.Inconclusive("The test does not run below the repository.");
        return relative;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("EBSP_DATA") is { Length: > 0 } set)
            return set;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(path))
                return path;
        }
        return null;
    }
}
