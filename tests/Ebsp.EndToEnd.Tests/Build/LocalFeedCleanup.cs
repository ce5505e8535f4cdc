namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>The end of a test run.</summary>
[TestClass]
public static class LocalFeedCleanup
{
    /// <summary>Deletes the feed, if a test made one.</summary>
    [AssemblyCleanup]
    public static void Clean() => LocalFeed.Clean();
}
