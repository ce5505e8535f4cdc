using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
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
    public void Read_ArrayOfAnyRank_FollowsTheInput()
    {
        using var folder = new TemporaryFolder();
        float[] values = [.. Enumerable.Range(0, 2 * 12).Select(i => (float)i)];
        Shape map = new(3, 2, 2);
        // N x H x W x C, and N x F of a network that reads so: 0, 3, 6, 9 are the first plane.
        CollectionAssert.AreEqual(new float[] { 0, 3, 6, 9, 1 }, Read([2, 2, 2, 3], map, false).ValuesOf(0)[..5].ToArray());
        CollectionAssert.AreEqual(new float[] { 12, 15, 18, 21 }, Read([2, 12], map, true).ValuesOf(1)[..4].ToArray());
        CollectionAssert.AreEqual(values[..12], Read([2, 12], map, false).ValuesOf(0).ToArray());
        CollectionAssert.AreEqual(values[..12], Read([2, 3, 2, 2], map, true).ValuesOf(0).ToArray());
        CollectionAssert.AreEqual(values[..12], Read([2, 3, 4], new Shape(3, 1, 4), false).ValuesOf(0).ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 3, 6, 9, 1 }, Read([2, 4, 3], new Shape(3, 1, 4), true).ValuesOf(0)[..5].ToArray());
        CollectionAssert.AreEqual(values[..12], Read([2, 3, 4], new Shape(1, 3, 4), false).ValuesOf(0).ToArray());
        Assert.AreEqual(new Shape(12, 1, 1), Read([2, 12], null, false).Shape);
        Assert.AreEqual(new Shape(4, 3, 1), Read([2, 4, 3, 1], new Shape(5, 5, 5), false).Shape);

        ImageSet Read(int[] shape, Shape? input, bool channelsLast)
        {
            NpyFile.Write(folder.File("a.npy"), new NpyArray(shape, values));
            return DataReader.Read(folder.File("a.npy"), new DataOptions { Input = input, ChannelsLast = channelsLast });
        }
    }

    [TestMethod]
    public void Read_RowsOfNumbers_FollowTheInput()
    {
        using var folder = new TemporaryFolder();
        DataOptions options = new() { Input = new Shape(3, 1, 1) };
        ImageSet plain = DataReader.Read(folder.Write("a.csv", "a,b,c\n1,2.5,-3\r\n4,5,6e1"u8), options);
        CollectionAssert.AreEqual(new[] { 1, 2.5f, -3, 4, 5, 60 }, plain.Values);
        Assert.IsNull(plain.Labels);
        ImageSet labeled = DataReader.Read(folder.Write("b.csv", "1,2,3,7\n4,5,6,0\n\n"u8), options);
        CollectionAssert.AreEqual(new[] { 7, 0 }, labeled.Labels);
        Assert.AreEqual(2, labeled.Count);
        foreach (string bad in new[] { "1,2\n", "1,2,3,4,5\n", "1,2,3\n1,2,3,4\n", "1,2,3\n1,x,3\n", "1,2,3,-4\n", "1,2,3,1.5\n" })
            Hostile.Refuses(folder.Write("c.csv", Encoding.ASCII.GetBytes(bad)), DataDiagnostics.BadValue, options);
        Hostile.Refuses(folder.Write("d.csv", ""u8), DataDiagnostics.Empty, options);
    }

    [TestMethod]
    [DataRow("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1, 1, 1), }", DataDiagnostics.BadHeader)]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", DataDiagnostics.BadHeader)]
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
