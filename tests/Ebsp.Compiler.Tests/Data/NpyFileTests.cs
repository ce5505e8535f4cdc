using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

[TestClass]
public sealed class NpyFileTests
{
    [TestMethod]
    public void Write_ThenRead_GivesTheSameArray()
    {
        using var folder = new TemporaryFolder();
        foreach (Array data in (Array[])[new byte[] { 0, 1, 2, 3, 254, 255 }, new[] { 0, 1, -1, 7, int.MinValue, int.MaxValue },
            new[] { 0f, -0f, 1.5f, float.NaN, float.MinValue, float.Epsilon }])
            foreach (int[] shape in (int[][])[[6], [2, 3], [1, 1, 3, 2], [6, 1, 1, 1]])
            {
                string path = folder.File("a.npy");
                NpyFile.Write(path, new NpyArray(shape, data));
                NpyArray read = NpyFile.Read(path);
                CollectionAssert.AreEqual(shape, read.Shape);
                CollectionAssert.AreEqual(data, read.Data);
                Assert.AreEqual(data.GetType(), read.Data.GetType());
            }
    }

    [TestMethod]
    public void Write_OfAnArrayThatNumPyWrote_GivesTheSameBytes()
    {
        string path = TestData.File("golden/resnet20-cifar10.npy");
        NpyArray array = NpyFile.Read(path);
        CollectionAssert.AreEqual(new[] { 64, 10 }, array.Shape);
        using var stream = new MemoryStream();
        NpyFile.Write(stream, array);
        CollectionAssert.AreEqual(File.ReadAllBytes(path), stream.ToArray());
    }

    [TestMethod]
    public void Read_WithCount_GivesTheFirstImages()
    {
        using var folder = new TemporaryFolder();
        byte[] pixels = [.. Enumerable.Range(0, 2 * 3 * 2 * 2).Select(i => (byte)i)];
        NpyFile.Write(folder.File("u.npy"), new NpyArray([2, 3, 2, 2], pixels));
        NpyFile.Write(folder.File("f.npy"), new NpyArray([2, 3, 2, 2], Array.ConvertAll(pixels, p => p / 4f)));
        ImageSet raw = DataReader.Read(folder.File("u.npy"), new DataOptions { Count = 1 });
        Assert.AreEqual((1, 3, 2, 2), (raw.Count, raw.Channels, raw.Height, raw.Width));
        CollectionAssert.AreEqual(pixels[..12], raw.Pixels);
        Assert.IsNull(raw.Values);
        ImageSet values = DataReader.Read(folder.File("f.npy"));
        Assert.IsEmpty(values.Pixels);
        CollectionAssert.AreEqual(new[] { 3f, 3.25f }, values.ValuesOf(1)[..2].ToArray());
    }

    [TestMethod]
    [DataRow("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 1, 1), }", DataDiagnostics.Truncated)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647, 2147483647), }",
        DataDiagnostics.Truncated)]
    [DataRow("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1, 1, 1), }", DataDiagnostics.TrailingData)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 1, 1, 1), }", DataDiagnostics.TrailingData)]
    [DataRow("{'shape': (1, 1, 1, 1)}", DataDiagnostics.BadHeader)]
    [DataRow("", DataDiagnostics.BadHeader)]
    public void Read_OfAHostileHeader_IsRefused(string header, string code)
    {
        using var folder = new TemporaryFolder();
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        string path = folder.Write("x.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. text, 0, 0, 128, 63]);
        Hostile.Refuses(path, code);
    }

    [TestMethod]
    public void Write_OfAShapeThatDoesNotFit_Throws() =>
        Assert.ThrowsExactly<ArgumentException>(() => NpyFile.Write(Stream.Null, new NpyArray([2, 2], new byte[3])));

    [TestMethod]
    public void Write_ToAFolder_IsADiagnostic()
    {
        using var folder = new TemporaryFolder();
        Compiler.Diagnostics.EbspException e = Assert.ThrowsExactly<Compiler.Diagnostics.EbspException>(
            () => NpyFile.Write(folder.FullName, new NpyArray([1], new byte[1])));
        Assert.AreEqual(DataDiagnostics.Unreadable, e.Diagnostics[0].Code);
    }
}
