using Ebsp.Emulator;
using Ebsp.Emulator.Models;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests;

/// <summary>What a model of 25.5 M weights takes of the managed heap when it lies in memory as an application has it.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BakedModelMemoryTests
{
    // The largest input and output of a layer, a byte an element.
    private const long Activations = 2 * 56 * 56 * 256;

    // Of the 16 MB that weights and activations may be exceeded by, the rest is for compiled methods and other memory that is not managed.
    private const long Room = 10_000_000;

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Run_ResNet50ReadInPlace_GrowsTheHeapByItsWeightsOnce(int address)
    {
        // The file is there before anything is counted; it stays where it is, at an even or an odd address.
        byte[] file = GC.AllocateUninitializedArray<byte>(SeededResNet50.Program.Length + address, pinned: true);
        SeededResNet50.Program.CopyTo(file, address);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        BakedModel model = new(file.AsMemory(address));
        long loaded = GC.GetTotalMemory(forceFullCollection: true) - before;
        byte[] pixels = new byte[model.Input.Channels * model.Input.Height * model.Input.Width];
        float[] scores = new float[model.Output.Channels];
        model.Run(pixels, scores);
        long run = GC.GetTotalMemory(forceFullCollection: true) - before;
        for (int i = 1; i < LongMode.Count(4, 1000); i++)
            model.Run(pixels, scores);
        long runs = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(model);
        GC.KeepAlive(file);
        Console.WriteLine($"loaded {loaded}, after the first run {run}, after the last one {runs}");
        Assert.IsLessThan(1_000_000, loaded, "loaded");
        Assert.IsLessThanOrEqualTo(SeededResNet50.Weights + Activations + Room, run, "after the first run");
        Assert.IsLessThanOrEqualTo(run + 100_000, runs, "after the last run");
    }

    [TestMethod]
    public void Run_SecondMachineOfAModel_SharesWeightsAndPlans()
    {
        EbspProgram program = ProgramReader.Open(SeededResNet50.Program);
        Machine first = new(program);
        first.Run();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Machine second = first.Another();
        second.Run();
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"the second machine takes {grown}");
        CollectionAssert.AreEqual(first.Output.ToArray(), second.Output.ToArray());
        Assert.IsLessThan(program.SizeOf(Region.Buffer) + program.SizeOf(Region.Psum) + first.Input.Length + first.Output.Length
            + 1_000_000, grown);
    }

    private sealed class BakedModel(ReadOnlyMemory<byte> file)
        : EbspModel(new ModelBlob(file, "resnet50", Convert.ToHexStringLower(file.Span.Slice(32, 32))));
}
