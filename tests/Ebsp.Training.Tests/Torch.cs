using Ebsp.Training.Native;

[assembly: DoNotParallelize]

namespace Ebsp.Training.Tests;

/// <summary>The native library, which some systems cannot load.</summary>
internal static class Torch
{
    /// <summary>Ends the test as inconclusive, with the cause, where it does not load; tools/torch-runtime.sh makes a dotnet that
    /// does.</summary>
    public static void Require()
    {
        if (LibTorch.Cause is { } cause)
            Assert.Inconclusive($"{cause.Cause} Run with: $(tools/torch-runtime.sh) exec " +
                "artifacts/bin/Ebsp.Training.Tests/debug/Ebsp.Training.Tests.dll");
        LibTorch.Require(threads: 1);
    }
}
