using System.Numerics;
using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Tests.Machine;

[TestClass]
public sealed class ArchSpecTests
{
    private static readonly long[] Bytes = [0, 1, 7, 63, 64, 65, 4095, 4096, (1L << 31) - 1, 1L << 40, long.MaxValue];

    [TestMethod]
    public void Presets_All_AreValidAndFoundByName()
    {
        CollectionAssert.AllItemsAreUnique(ArchPresets.All.Select(preset => preset.Name).ToArray());
        foreach (ArchSpec preset in ArchPresets.All)
        {
            foreach (ArchField field in ArchField.All)
                Assert.IsNull(field.Violation(field.Get(preset)), $"{preset.Name}.{field.Name}");
            Assert.AreSame(preset, ArchPresets.Find(preset.Name));
        }

        Assert.IsNull(ArchPresets.Find("Default"));
    }

    [TestMethod]
    [DataRow("default", 4818, 66.8)]
    [DataRow("area-6-4", 3008, 106.0)]
    [DataRow("area-8-4", 2601, 123.0)]
    public void Presets_OfEqualArea_HaveAThirdOfASquareMillimetreOfProducts(string name, int elements, double squareMicrometres)
    {
        ArchSpec preset = ArchPresets.Find(name)!;
        Assert.AreEqual(elements, preset.ProcessingElements);
        Assert.AreEqual(0.32, elements * squareMicrometres * 1e-6, 0.002);
    }

    [TestMethod]
    public void Sizes_OfTheDefaultMachine_AreThoseOfTheDesign()
    {
        ArchSpec arch = ArchPresets.Default;
        Assert.AreEqual(72, arch.FoldChannels);
        Assert.AreEqual(131_072, arch.PsumBankBytes);
        Assert.AreEqual(8, ArchPresets.Find("small-8")!.FoldChannels);
        Assert.AreEqual(10, arch.DramCycles(512)); // 51.2 bytes a cycle
        Assert.AreEqual(11, arch.DramCycles(513));
    }

    [TestMethod]
    public void DramCycles_CornersOfClockAndBandwidth_EqualTheFraction()
    {
        foreach (ArchSpec arch in Corners("clockHz", "dramBytesPerSecond"))
        {
            foreach (long bytes in Bytes)
            {
                BigInteger cycles = BigInteger.DivRem((BigInteger)bytes * arch.ClockHz, arch.DramBytesPerSecond, out BigInteger rest)
                    + (rest.IsZero ? 0 : 1);
                if (cycles <= long.MaxValue)
                    Assert.AreEqual((long)cycles, arch.DramCycles(bytes),
                        $"{bytes} bytes at {arch.ClockHz} Hz and {arch.DramBytesPerSecond} bytes/s");
            }
        }
    }

    [TestMethod]
    public void BurstBytes_CornersOfAddressAndLength_EqualTheBurstsThatAreTouched()
    {
        foreach (ArchSpec arch in Corners("dramBurstBytes").Append(ArchPresets.Default))
        {
            foreach (long address in Bytes.Where(address => address <= 1L << 40))
            {
                foreach (long bytes in Bytes.Where(bytes => bytes is > 0 and <= 1L << 40))
                {
                    BigInteger first = (BigInteger)address / arch.DramBurstBytes;
                    BigInteger last = ((BigInteger)address + bytes - 1) / arch.DramBurstBytes;
                    Assert.AreEqual((long)((last - first + 1) * arch.DramBurstBytes), arch.BurstBytes(address, bytes),
                        $"{bytes} bytes at {address}, burst {arch.DramBurstBytes}");
                }
            }
        }
    }

    private static IEnumerable<ArchSpec> Corners(params string[] names)
    {
        IEnumerable<ArchSpec> machines = [ArchPresets.Default];
        foreach (ArchField field in ArchField.All.Where(field => names.Contains(field.Name)))
            machines = machines.SelectMany(arch =>
                new[] { field.Minimum, field.Get(ArchPresets.Default), field.Maximum }.Select(value => field.Set(arch, value))).ToArray();
        return machines;
    }
}
