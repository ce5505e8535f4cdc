using Ebsp.Training.Native;

namespace Ebsp.Training.Tests.Native;

[TestClass]
public sealed class LibTorchTests
{
    [TestMethod]
    [DataRow("a.so: cannot open shared object file: No such file or directory\n/lib/x86_64-linux-gnu/libstdc++.so.6: version " +
        "`GLIBCXX_3.4.32' not found (required by /x/libLibTorchSharp.so)",
        "/lib/x86_64-linux-gnu/libstdc++.so.6 has no GLIBCXX_3.4.32, which comes with GCC 13")]
    [DataRow("/lib64/libc.so.6: version `GLIBC_2.38' not found (required by libLibTorchSharp.so)", "/lib64/libc.so.6 has no GLIBC_2.38")]
    [DataRow("libgomp-98b21ff3.so.1: cannot open shared object file: No such file or directory", "libgomp-98b21ff3.so.1 is missing")]
    [DataRow("libLibTorchSharp.so: cannot open shared object file: No such file or directory", "beside the program")]
    public void CauseOf_WhatTheLoaderSays_NamesLibraryAndVersion(string message, string cause) =>
        StringAssert.Contains(LibTorch.CauseOf(message), cause);
}
