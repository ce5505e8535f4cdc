using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tiling;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Timing;

/// <summary>Executed cycles of compiled one-layer programs against the closed form of docs/closed-form.md.</summary>
[TestClass]
public sealed class OneLayerCyclesTests
{
    private const int OfEachBound = 250;

    [TestMethod]
    public void Run_FiveHundredLayers_TakesTheCyclesOfTheClosedForm()
    {
        Random random = new(4818);
        Dictionary<Bound, int> covered = new() { [Bound.Compute] = 0, [Bound.Dram] = 0, [Bound.Mixed] = 0 };
        Dictionary<string, int> kinds = [];
        while (covered[Bound.Compute] < OfEachBound || covered[Bound.Dram] < OfEachBound)
        {
            OptimizeFor goal = random.Next(2) == 0 ? OptimizeFor.Cycles : OptimizeFor.Size;
            bool dram = covered[Bound.Dram] < OfEachBound && (covered[Bound.Compute] == OfEachBound || random.Next(2) == 0);
            ArchSpec arch = Machine(random, dram);
            OneLayer layer = Layer(random, dram);
            if (!IsResident(layer, arch))
                continue;
            EbspProgram program =
                ModelCompiler.Compile(layer.ToGraph(), new CompileOptions(arch, layer.Batch, new string('0', 64), "", goal));
            if (!IsWhole(program))
                continue;
            Instruction first = program.Code.First(i => i.Unit == Unit.Array);
            TileCut cut = new((int)first[Field.Images], first.Opcode == Opcode.MatMul ? 1 : (int)first[Field.Rows],
                first.Opcode == Opcode.MatMul ? 1 : (int)first[Field.Columns], (int)first[Field.Channels]);
            OneLayerCycles form = new(layer, arch, cut, SideBySide(program), readAhead: goal == OptimizeFor.Cycles);
            Bound bound = form.Bound;
            if (bound == Bound.Mixed || covered[bound] == OfEachBound)
            {
                covered[Bound.Mixed] += bound == Bound.Mixed ? 1 : 0;
                continue;
            }

            TimingReport report = TimingModel.Run(program);
            string what = $"{goal}, {layer}, {arch}, {cut}, {form.Folds} folds, {form.Tiles} tiles, start {form.StartUp} bound " +
                $"{bound}\n{string.Join('\n', program.Code.Select(Disassembler.Write))}";
            Assert.AreEqual(form.Total, report.Cycles, what);
            AssertBound(bound, report, form, what);
            covered[bound]++;
            string unrolled = program.Code.Any(i => i.Unit == Unit.Array && Unrolled(i) is not (1, 1)) ? " unrolled" : "";
            string grouped = layer.Groups > 1 && !layer.IsDepthwise ? " in groups" : "";
            string kind = $"optimized for {goal}: {first.Opcode}{unrolled}{grouped}, {bound}";
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        }

        foreach ((string kind, int count) in kinds.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Console.WriteLine($"{kind}: {count}");
        Console.WriteLine($"{covered[Bound.Mixed]} proposals lie between the two bounds, where there is no closed form");
    }

    [TestMethod]
    public void ClosedForm_Source_UsesNothingOfTheEmulator()
    {
        foreach (string file in new[] { "OneLayer.cs", "OneLayerCycles.cs" })
            Assert.DoesNotContain("Emulator", File.ReadAllText(TestData.Repository($"tests/Ebsp.Compiler.Tests/Timing/{file}")), file);
    }

    private static (int Rows, int Columns) Unrolled(Instruction i) =>
        (i.Opcode == Opcode.MatMul ? 1 : (int)i[Field.UnrollRows], (int)i[Field.UnrollColumns]);

    // What the program has for a tile, by its extents: the compiler's choice, like the tile.
    private static Func<PixelTile, int, (int Rows, int Columns)> SideBySide(EbspProgram program)
    {
        Dictionary<(PixelTile, int), (int, int)> chosen = [];
        foreach (Instruction i in program.Code.Where(i => i.Unit == Unit.Array))
        {
            bool matMul = i.Opcode == Opcode.MatMul;
            chosen[(new PixelTile((int)i[Field.Images], matMul ? 1 : (int)i[Field.Rows], matMul ? 1 : (int)i[Field.Columns]),
                (int)i[Field.Channels])] = Unrolled(i);
        }

        return (tile, channels) => chosen[(tile, channels)];
    }

    // The profile shows the bound: with a DRAM-bound layer the array waits for loads that follow one another.
    private static void AssertBound(Bound bound, TimingReport report, OneLayerCycles form, string what)
    {
        long transfers = report[Unit.Load].Busy + report[Unit.Store].Busy;
        if (bound == Bound.Dram)
        {
            Assert.IsGreaterThan(report.Cycles / 2, transfers, what);
            Assert.IsGreaterThan(report[Unit.Array].Busy, transfers, what);
            Assert.IsGreaterThan(0L, report[Unit.Array].Counter, what);
            Assert.AreEqual(0L, report[Unit.Load].Counter, what);
        }
        else if (form.Folds * form.Tiles > 1)
        {
            // Once it has begun the array never waits.
            Assert.AreEqual(form.StartUp, report[Unit.Array].Fetch + report[Unit.Array].Counter, what);
            Assert.IsGreaterThan(report[Unit.Vector].Busy, report[Unit.Array].Busy, what);
        }
    }

    // Every fold's weights and the input are loaded once and whole, tiles go fold by fold, and reductions are in one piece.
    private static bool IsWhole(EbspProgram program)
    {
        Instruction[] tiles = [.. program.Code.Where(i => i.Unit == Unit.Array)];
        int folds = tiles.Select(i => i[Field.WeightAddress])
            .Aggregate((Changes: 0, Last: -1L), (seen, address) => (seen.Changes + (address == seen.Last ? 0 : 1), address)).Changes;
        return tiles.All(i => i[Field.Start] == 1) && program.Code.Count(i => i.Opcode == Opcode.Load) == 1 + folds
            && program.Code.Count(i => i.Opcode == Opcode.Store) == 1;
    }

    private static OneLayer Layer(Random random, bool dram)
    {
        int Pick(params int[] values) => values[random.Next(values.Length)];
        int kernel = Pick(1, 1, 3, 3, 5), kernelColumns = random.Next(5) == 0 ? Pick(1, 2, 3) : kernel;
        bool connected = dram && random.Next(3) == 0;
        int height = connected
            ? 1
            : dram ? random.Next(kernel, 9)
            : random.Next(5, 40), width = connected ? 1
            : dram ? random.Next(kernelColumns, 9) : random.Next(5, 40);
        if (connected)
            kernel = kernelColumns = 1;
        int pad = random.Next(2) * (kernel / 2), padColumns = random.Next(2) * (kernelColumns / 2), stride = connected
            ? 1
            : Pick(1, 1, 2, 3);
        int dilation = kernel > 1 && kernel * 2 - 1 <= height && kernelColumns * 2 - 1 <= width && random.Next(6) == 0 ? 2 : 1;
        int groups = dram || random.Next(3) > 0 ? 1 : Pick(2, 4, 0);
        int channels = connected ? random.Next(100, 1500) : Pick(random.Next(1, 300), 8 * random.Next(1, 40));
        int outputs = dram ? random.Next(40, 400) : random.Next(8, 300);
        if (groups == 0)
            groups = channels = 8 * random.Next(1, 30);
        else if (groups > 1)
            (channels, outputs) = (8 * groups * random.Next(1, 8), 8 * groups * random.Next(1, 8));
        if (groups == channels && groups > 1)
            outputs = channels * Pick(1, 1, 2);
        return new OneLayer(Pick(1, 1, 2, 4), new Shape(channels, height, width), outputs, groups,
            new KernelWindow(kernel, kernelColumns, stride, stride, pad, padColumns, pad, padColumns, dilation, dilation),
            PatternFormat.Window(Pick(5, 6, 8), 3, false), PatternFormat.Window(Pick(4, 6, 8), Pick(2, 3), true), random.Next(2) == 0);
    }

    private static ArchSpec Machine(Random random, bool dram)
    {
        int Pick(params int[] values) => values[random.Next(values.Length)];
        return ArchPresets.Default with
        {
            Name = "grid",
            Rows = Pick(8, 16, 32, 66, 128),
            Columns = Pick(8, 16, 32, 73, 128),
            BufferBytes = 8 << 20,
            PsumBytes = Pick(1 << 16, 1 << 18),
            QueueDepth = Pick(8, 16),
            DramBytesPerSecond = dram ? random.NextInt64(500_000_000, 16_000_000_000) : random.NextInt64(10_000_000_000, 200_000_000_000),
            DramLatencyCycles = Pick(1, 10, 50, 120),
            DramBurstBytes = Pick(32, 64, 128),
            LoadPortBytesPerCycle = Pick(16, 64, 256),
            StorePortBytesPerCycle = Pick(16, 64, 256),
            FetchCycles = Pick(1, 1, 2, 3),
            DepthwiseMapping = random.Next(3) == 0 ? DepthwiseMapping.BlockDiagonal : DepthwiseMapping.Unrolled,
        };
    }

    // Both ends and two weight slots within the buffer: nothing is spilled.
    private static bool IsResident(OneLayer layer, ArchSpec arch) =>
        layer.Rows > 0 && layer.Columns > 0 && layer.KernelWindow.SpanRows <= layer.Input.Height + 2 * layer.KernelWindow.PadTop
            && layer.KernelWindow.SpanColumns <= layer.Input.Width + 2 * layer.KernelWindow.PadLeft
        && layer.Outputs * (long)layer.GroupInputs * layer.Taps <= 400_000
        && layer.Batch * (layer.Input.Height * (long)layer.Input.Width * (layer.Input.Channels + 8)
            + layer.Rows * (long)layer.Columns * (layer.Outputs + 8) * 4) <= arch.BufferBytes / 4;
}
