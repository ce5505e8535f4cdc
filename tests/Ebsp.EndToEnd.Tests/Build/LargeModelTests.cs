using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;
using Ebsp.TestKit.Programs;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>A model of 25 MB: what it costs the build, and what it takes of an application's memory. Alone on the machine, in the long
/// mode.</summary>
[TestClass]
[DoNotParallelize]
public sealed class LargeModelTests
{
    private const int Rounds = 3;
    private const long Room = 16_000_000;

    // What the runtime may keep of the room in which it compiles hot methods again; without that, a process grows by no more than a few
    // pages.
    private const long Recompiling = 6_000_000, Flat = 500_000;

    // The largest input and output of a layer, a byte an element.
    private const long Activations = 2 * 56 * 56 * 256;
    private const string Items = """<EmbeddedResource Include="padding" LogicalName="a" /><EbspModel Include="model.pb" />""";
    private const string Properties = """
        <OutputType>Exe</OutputType>
        <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
        <TrimmerSingleWarn>false</TrimmerSingleWarn>
        <DefineConstants Condition="'$(PublishTrimmed)' == 'true'">$(DefineConstants);TRIMMED</DefineConstants>
        """;

    /// <summary>
    /// Prints a line for each step: anonymous pages of the process (all that no file backs: the managed heap with its garbage, compiled
    /// methods, native memory), live managed objects, anonymous pages after the collection, and pages of files; in bytes, above what there
    /// was before the model was loaded. Arguments: runs, and of a model in another assembly its path and digest.
    /// </summary>
    private const string Program = """
        using System.Globalization;
        using System.Reflection;
        using Ebsp.Emulator.Models;

        Assembly assembly = typeof(ModelModel).Assembly;
        #if !TRIMMED
        if (args.Length > 1)
            assembly = Assembly.LoadFrom(args[1]);
        #endif
        byte[] pixels = new byte[ModelModel.InputChannels * ModelModel.InputHeight * ModelModel.InputWidth];
        float[] scores = new float[ModelModel.OutputChannels];
        new Random(1).NextBytes(pixels);
        long[] start = new long[4];
        Report("warm");
        start = Now();
        Report("start");

        IEbspModel model = args.Length > 1 ? new Elsewhere(ModelBlob.OfResource(assembly, "model", args[2])) : ModelModel.Load();
        Report("load");
        for (int n = 1; n <= int.Parse(args[0], CultureInfo.InvariantCulture); n++)
        {
            model.Run(pixels, scores);
            if (n is 1 or 10 or 100 or 1000)
                Report($"run{n}");
        }

        Console.WriteLine($"largest {scores.Max().ToString("R", CultureInfo.InvariantCulture)}");
        unsafe
        {
            string name = assembly.GetManifestResourceNames().Single(name => name != "a");
            Console.WriteLine($"address {(ulong)((UnmanagedMemoryStream)assembly.GetManifestResourceStream(name)!).PositionPointer % 64}");
        }

        void Report(string step)
        {
            long[] now = Now();
            Console.WriteLine($"{step} {string.Join(' ', now.Zip(start, (a, b) => a - b))}");
        }

        static long[] Now()
        {
            long anonymous = Pages("RssAnon");
            long managed = GC.GetTotalMemory(forceFullCollection: true);
            return [anonymous, managed, Pages("RssAnon"), Pages("RssFile")];
        }

        static long Pages(string field)
        {
            string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }

        internal sealed class Elsewhere(ModelBlob blob) : EbspModel(blob);
        """;

    [TestMethod]
    public void Build_LargeModel_AddsLittleTimeAndMemory()
    {
        LongMode.Require();
        using Consumer consumer = new("size");
        foreach ((string name, byte[] model) in new[] { ("small", DigitsModel.Integers), ("large", SeededResNet50.Integers) })
        {
            consumer.Write($"{name}/model.pb", model)
                .Write($"{name}/Program.cs",
                "Console.WriteLine(ModelModel.Load().Run(new byte[ModelModel.InputChannels * ModelModel.InputHeight * " +
                "ModelModel.InputWidth]).Length);");
            consumer.Write($"{name}/app.csproj", Consumer.Project("<OutputType>Exe</OutputType>", """<EbspModel Include="model.pb" />"""));
            consumer.Run("restore", name).Expect(0);
        }

        Assert.AreEqual(30_000, DigitsModel.Integers.Length, 5_000);
        Assert.AreEqual(25_000_000, SeededResNet50.Integers.Length, 1_000_000);
        List<ProcessTree> small = [], large = [];
        for (int round = 0; round < Rounds; round++)
        {
            small.Add(CleanBuild(consumer, "small"));
            large.Add(CleanBuild(consumer, "large"));
        }

        double added = Median(large, tree => tree.Duration.TotalSeconds) - Median(small, tree => tree.Duration.TotalSeconds);
        long peak = large.Max(tree => tree.Peak.Bytes);
        foreach ((string name, List<ProcessTree> trees) in new[] { ("small", small), ("large", large) })
            foreach (ProcessTree tree in trees)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name}: {tree.Duration.TotalSeconds:F2} s, {tree.Processor.TotalSeconds:F2} s of processor time, largest process " +
                    $"{tree.Peak.Bytes / 1e6:F0} MB ({tree.Peak.Name})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"added: {added:F2} s, " +
            $"{Median(large, tree => tree.Processor.TotalSeconds) - Median(small, tree => tree.Processor.TotalSeconds):F2} s of " +
            $"processor time"));
        Assert.IsLessThan(10, added, "seconds");
        Assert.IsLessThan(1_000_000_000, peak, "bytes of the largest process");
    }

    [TestMethod]
    public void Run_LargeModel_TakesItsWeightsActivationsAndLittleElse()
    {
        LongMode.Require();
        using Consumer consumer = new("memory");
        consumer.Write("model.pb", SeededResNet50.Integers).Write("padding", "p").Write("Program.cs", Program);
        consumer.Write("app.csproj", Consumer.Project(Properties, Items));
        consumer.Build("-c", "Release").Succeeded();
        consumer.MSBuild("publish", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishTrimmed=true", "-o", consumer.File("trimmed"))
            .Succeeded();
        string blob = Directory.GetFiles(consumer.File("obj/Release/net10.0/ebsp"), "*.ebsp").Single();
        EbspProgram program = ProgramReader.Open(File.ReadAllBytes(blob));
        ResourceAssembly.Write(consumer.File("odd.dll"), "odd", "model", File.ReadAllBytes(blob), padding: 1);

        string[] app = ["dotnet", "exec", consumer.File("bin/Release/net10.0/app.dll"), "1000"];
        Dictionary<string, long[]> built = Measure("built", program, isTiered: true, app);
        Dictionary<string, long[]> once = Measure("compiled once", program, isTiered: false, app);
        Dictionary<string, long[]> odd =
            Measure("odd address", program, isTiered: true,
            [.. app, consumer.File("odd.dll"), ProgramReader.DigestOf(File.ReadAllBytes(blob))]);
        Dictionary<string, long[]> trimmed = Measure("trimmed", program, isTiered: true, consumer.File("trimmed/app"), "1000");
        Assert.AreEqual(1, odd["address"][0] % 2, "the assembly has a byte before the resource");
        // The compiler puts resources at multiples of eight, the trimmer puts them one after another.
        Assert.AreEqual(1, trimmed["address"][0] % 2, "the project has a resource of one byte before the model");
        CollectionAssert.AreEqual(built["largest"], once["largest"]);
        CollectionAssert.AreEqual(built["largest"], odd["largest"]);
        CollectionAssert.AreEqual(built["largest"], trimmed["largest"]);
    }

    private static ProcessTree CleanBuild(Consumer consumer, string name)
    {
        foreach (string folder in new[] { "bin", "obj/Debug", "obj/ebsp" })
            if (Directory.Exists(consumer.File($"{name}/{folder}")))
                Directory.Delete(consumer.File($"{name}/{folder}"), recursive: true);
        string log = consumer.NextLog();
        // A compiler server would be nobody's child.
        ProcessTree tree = ProcessTree.Watch(
            consumer.Start(new Dictionary<string, string> { ["UseSharedCompilation"] = "false" }, "build", name, "--no-restore",
            "-nodeReuse:false", "-bl:" + log), out ProcessResult result);
        result.Expect(0);
        BuildLog read = BuildLog.Read(log);
        Assert.HasCount(1, read.Compiled);
        Assert.AreEqual(1, read.CompilerRuns);
        return tree;
    }

    private static double Median(List<ProcessTree> trees, Func<ProcessTree, double> figure) => trees.Select(figure).Order()
        .ElementAt(trees.Count / 2);

    // Runs the program and holds its figures to the bounds.
    private static Dictionary<string, long[]> Measure(string name, EbspProgram program, bool isTiered, params string[] command)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Memory of processes is read from /proc.");
        Dictionary<string, string> environment =
            new(LocalFeed.Instance.Environments) { ["DOTNET_TieredCompilation"] = isTiered ? "1" : "0" };
        string[] lines = DotNet.Finish(DotNet.Start(command[0], Path.GetTempPath(), environment, command[1..]))
            .Expect(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, long[]> figures = [];
        foreach (string[] words in lines.Select(line => line.Split(' ')))
            figures[words[0]] = [
                .. words[1..].Select(word => words[0] == "largest"
                ? BitConverter.DoubleToInt64Bits(double.Parse(word, CultureInfo.InvariantCulture))
                : long.Parse(word, CultureInfo.InvariantCulture))];
        // What the machine has for activations counts among the rest.
        long memories = program.Regions.InputBytes + program.Regions.OutputBytes + program.Regions.ArenaBytes
            + program.SizeOf(Region.Buffer) + program.SizeOf(Region.Psum);
        long recompiling = isTiered ? Recompiling : Flat, limit = SeededResNet50.Weights + Activations + Room;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: weights {SeededResNet50.Weights / 1e6:F1} + activations {Activations / 1e6:F1} + 16 = {limit / 1e6:F1} MB; " +
                $"memories of the machine {memories / 1e6:F1} MB; address modulo 64: {figures["address"][0]}"));
        foreach ((string step, long[] bytes) in figures.Where(figure => figure.Value.Length == 4))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {step}: anonymous {bytes[0] / 1e6:F2}, managed {bytes[1] / 1e6:F2}, anonymous after a collection " +
                $"{bytes[2] / 1e6:F2}, files {bytes[3] / 1e6:F2}"));
        Assert.IsLessThan(1_000_000, figures["load"][1], $"{name}: managed after loading");
        Assert.IsLessThanOrEqualTo(limit, figures["run1"][0], $"{name}: anonymous after the first run");
        foreach (string step in new[] { "run10", "run100", "run1000" })
            Assert.IsLessThanOrEqualTo(figures["run1"][1] + 100_000, figures[step][1], $"{name}: managed, {step}");
        // In the first runs, and whenever it likes, the runtime compiles hot methods again and keeps some of the room that this takes.
        Assert.IsLessThanOrEqualTo(figures["run1"][0] + recompiling, figures["run1000"][0],
            $"{name}: anonymous, from the first run to the last");
        return figures;
    }
}
