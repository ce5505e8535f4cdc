namespace Ebsp.TestKit;

/// <summary>Full counts instead of the short ones of every day: EBSP_LONG=1.</summary>
public static class LongMode
{
    /// <summary>Whether full counts run.</summary>
    public static bool On { get; } = Environment.GetEnvironmentVariable("EBSP_LONG") == "1";

    /// <summary>The full count in long mode, else the short one.</summary>
    public static int Count(int shortCount, int fullCount) => On ? fullCount : shortCount;

    /// <summary>Ends the test as inconclusive outside long mode.</summary>
    public static void Require()
    {
        if (!On)
            Assert.Inconclusive("Runs under EBSP_LONG=1.");
    }
}
