using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>The real data sets, held to the hashes and counts that their makers give.</summary>
[TestClass]
public sealed class DataReaderTests
{
    [TestMethod]
    public void Read_CifarTestMed_HasThePublishedHash() =>
        Assert.AreEqual("b5db886643d9d8e337bcbf5e89406984161e8cdc8009543416af9c66285d1eb9",
            HashOfRecords("cifar10/test_8000.med.br", 8000));

    [TestMethod]
    [DataRow(1, "b2b0d7a13d92b6bcc48f71f4695e5b33f0de4624a7415823cfc7181693c6c63c")]
    [DataRow(2, "20b0cb2bd84a032705baebb295364c63bfa127cfb04582d63538f20cef3ff0b3")]
    [DataRow(3, "dfce593348419e34df8a6ea9d28504752e5a4dd78f4a9f53781184447fa2bef1")]
    [DataRow(4, "aa465736ec0d3fef9e315b159f3ddc0ed22bb03dba685c620285588535013872")]
    [DataRow(5, "d914260d1781e9bd9a4feea38f37a1e0c9a5c221bcb0eaa489a07ba10d6bb721")]
    public void Read_CifarTrainMed_HasThePublishedHash(int part, string hash)
    {
        LongMode.Require();
        Assert.AreEqual(hash, HashOfRecords($"cifar10/train_{part}.med.br", 10000));
    }

    [TestMethod]
    [DataRow("imagenet/val100-rgb227.med.br", 100, 227, "3cd169d120a05896ce175b0dcf2ea7aecb790c969c117a98516944cae48658bf")]
    [DataRow("imagenet/val200-rgb128.med.br", 200, 128, "34587088ccf39e505155954a91906cb04c3d4a23e90340fd6a0cba143d2a5783")]
    public void Read_ImageNetMed_HasThePublishedHashAndLabelsFromCsv(string file, int count, int edge, string hash)
    {
        var options = new DataOptions { LabelsPath = TestData.File("imagenet/val500-labels.csv"), LabelOffset = 1 };
        ImageSet images = DataReader.Read(TestData.File(file), options);
        Assert.AreEqual((count, 3, edge, edge), (images.Count, images.Channels, images.Height, images.Width));
        Assert.AreEqual(hash, Convert.ToHexStringLower(SHA256.HashData(images.Pixels)));
        CollectionAssert.AreEqual(new[] { 301, 414 }, images.Labels![..2]);
        Assert.HasCount(count, images.Labels);
    }

    [TestMethod]
    public void Read_MedWithCount_EqualsTheFirstImages()
    {
        string path = TestData.File("cifar10/test_8000.med.br");
        ImageSet few = DataReader.Read(path, new DataOptions { Count = 7 }), more = DataReader.Read(path, new DataOptions { Count = 20 });
        Assert.AreEqual((7, 20), (few.Count, more.Count));
        CollectionAssert.AreEqual(few.Pixels, more.Pixels[..few.Pixels.Length]);
        CollectionAssert.AreEqual(few.Labels, more.Labels![..7]);
    }

    [TestMethod]
    public void Read_MnistTest_HasPixelsAndLabelsOfTheOriginalFiles()
    {
        ImageSet images = DataReader.Read(TestData.File("mnist/t10k-images-idx3-ubyte.gz"));
        Assert.AreEqual((10000, 1, 28, 28), (images.Count, images.Channels, images.Height, images.Width));
        // MD5 of the original files, the header put back.
        Assert.AreEqual("2646ac647ad5339dbf082846283269ea",
            Md5([0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28, .. images.Pixels]));
        Assert.AreEqual("27ae3e4e09519cfbb04c329615203637", Md5([0, 0, 8, 1, 0, 0, 0x27, 0x10, .. images.Labels!.Select(l => (byte)l)]));
    }

    [TestMethod]
    public void Read_MnistTrainWithCount_ReadsThatMany()
    {
        ImageSet images = DataReader.Read(TestData.File("mnist/train-images-idx3-ubyte.gz"), new DataOptions { Count = 512 });
        Assert.AreEqual(512, images.Count);
        CollectionAssert.AreEqual(new[] { 5, 0, 4, 1, 9 }, images.Labels![..5]);
        Assert.HasCount(512 * 784, images.Pixels);
    }

    [TestMethod]
    public void Read_Digits_HasAllImagesAndLabels()
    {
        ImageSet images = DataReader.Read(TestData.File("digits/digits.csv.gz"));
        Assert.AreEqual((1797, 1, 8, 8), (images.Count, images.Channels, images.Height, images.Width));
        CollectionAssert.AreEqual(new byte[] { 0, 0, 5, 13, 9, 1, 0, 0 }, images.PixelsOf(0)[..8].ToArray());
        CollectionAssert.AreEqual(new[] { 178, 182, 177, 183, 181, 182, 181, 179, 174, 180 },
            images.Labels!.CountBy(l => l).OrderBy(c => c.Key).Select(c => c.Value).ToArray());
    }

    [TestMethod]
    public void Read_CifarBinary_EqualsTheSameImagesFromMed()
    {
        ImageSet images = DataReader.Read(TestData.File("cifar10/test_8000.med.br"), new DataOptions { Count = 5 });
        using var folder = new TemporaryFolder();
        ImageSet binary = DataReader.Read(folder.Write("data_batch_1.bin", Records(images)));
        CollectionAssert.AreEqual(images.Pixels, binary.Pixels);
        CollectionAssert.AreEqual(images.Labels, binary.Labels);
    }

    private static string HashOfRecords(string file, int count)
    {
        ImageSet images = DataReader.Read(TestData.File(file));
        Assert.AreEqual((count, 3, 32, 32), (images.Count, images.Channels, images.Height, images.Width));
        return Convert.ToHexStringLower(SHA256.HashData(Records(images)));
    }

    private static byte[] Records(ImageSet images)
    {
        byte[] records = new byte[images.Count * 3073];
        for (int n = 0; n < images.Count; n++)
        {
            records[n * 3073] = (byte)images.Labels![n];
            images.PixelsOf(n).CopyTo(records.AsSpan(n * 3073 + 1));
        }
        return records;
    }

    // The sums that the makers published are MD5; nothing is secured by them.
#pragma warning disable CA5351
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
}
