using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>A file that must be refused with one diagnostic.</summary>
internal static class Hostile
{
    public static Diagnostic Refuses(string path, string code, DataOptions? options = null)
    {
        EbspException e = Assert.ThrowsExactly<EbspException>(() => DataReader.Read(path, options), $"{path} was read");
        Assert.HasCount(1, e.Diagnostics);
        Assert.AreEqual(code, e.Diagnostics[0].Code, e.Message);
        Assert.IsNotNull(e.Diagnostics[0].File);
        return e.Diagnostics[0];
    }
}
