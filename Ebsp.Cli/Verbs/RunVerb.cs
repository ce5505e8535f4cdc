using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Ebsp.Cli.Arguments;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Reports;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>Runs a network of any kind on images.</summary>
internal sealed class RunVerb : Verb
{
    private const int MaxListed = 10, Best = 5;

    private readonly Argument<string> _model =
        new("MODEL") { Description =
        "An .ebsp program; a quantized .pb for the integer reference; a float .pb or .onnx for the float reference." };
    private readonly DataArguments _data;
    private readonly Option<string?> _engine =
        new Option<string?>("--engine") { Description =
        "How a program is executed (default: fast); integers: an already quantized .onnx or .pb on its own integers." }.AcceptOnlyFromAmong(
        "fast", "literal", "reference", "integers");
    private readonly Option<string?> _kernel =
        new Option<string?>("--kernel") { Description =
        "Kernels of the fast engine (default: the best that the host has)." }.AcceptOnlyFromAmong(KernelNames.All);
    private readonly Option<string> _timing =
        new Option<string>("--timing") { Description =
        "full: answers and time; none: answers alone; cycles: time alone, without arithmetic and without images.",
        DefaultValueFactory = _ => "full" }.AcceptOnlyFromAmong("none", "cycles", "full");
    private readonly Option<int?> _threads =
        new("--threads") { Description = "Threads; the result does not depend on it (default: EBSP_THREADS, else one a processor).",
        HelpName = "N" };
    private readonly Option<int?> _interleaving =
        new("--interleaving") { Description =
        "Execute the units of a program in a pseudo-random order that their counters allow; the result does not depend on it.",
        HelpName = "SEED" };
    private readonly Option<string?> _compare =
        new("--compare") { Description = "Another model of any kind: count the images with the same answer.", HelpName = "MODEL" };
    private readonly Option<int?> _top =
        new("--top") { Description = "List the N best classes of every image (default: 5, of up to 10 images without labels).",
        HelpName = "N" };
    private readonly Option<string?> _output =
        OutputOption.Optional("LOGITS.npy", "Write the scores, float32 N x classes; of several outputs one file each, " +
            "LOGITS.NAME.npy; with --dump the tensor.");
    private readonly Option<string?> _layers =
        new("--layers") { Description = "Write cycles, stalls and actions of every layer as CSV (docs/layers.md).", HelpName = "FILE.csv" };
    private readonly Option<string?> _dump =
        new("--dump") { Description = "Write this tensor of every image to -o instead of the scores.", HelpName = "TENSOR" };
    private readonly ArchArgument _arch;
    private readonly ImportArguments _import;

    public RunVerb()
        : base("run", "Runs a network on images: answers, accuracy, cycles, traffic, stalls.",
            "ebspc run resnet.ebsp --input test.med.br",
            "ebspc run resnet.ebsp --input cat.jpg --resize 256 --crop 224",
            "ebspc run resnet.ebsp --input test.npy --labels labels.csv --count 100 --engine literal",
            "ebspc run resnet.ebsp --timing cycles",
            "ebspc run resnet.q.pb --input test.med.br --compare resnet.pb")
    {
        Arguments.Add(_model);
        _data = new DataArguments(this, "--input", "The images.", labels: true);
        Options.Add(_engine);
        Options.Add(_kernel);
        Options.Add(_timing);
        _arch = new ArchArgument(this, "A machine with other timing fields.");
        Options.Add(_threads);
        Options.Add(_interleaving);
        Options.Add(_compare);
        Options.Add(_top);
        Options.Add(_output);
        Options.Add(_dump);
        Options.Add(_layers);
        _import = new ImportArguments(this, labelOffset: false);
    }

    public override int Run(Call call)
    {
        int threads = call.Get(_threads) ?? DefaultThreads();
        if (threads < 1)
            throw DiagnosticDescriptors.Usage.Error(null, Name, $"--threads {threads} is less than 1");
        if (call.Get(_top) is < 1)
            throw DiagnosticDescriptors.Usage.Error(null, Name, $"--top {call.Get(_top)} is less than 1");
        ImportOptions options = _import.Read(call);
        ModelFile model = ModelArgument.Open(call, call.Get(_model), options, _arch.Read(call));
        if (call.Get(_timing) == "cycles")
            return CyclesOnly(call, model);
        Executor executor = ExecutorOf(call, model);
        bool isTimed = executor is MachineExecutor && call.Get(_timing) == "full";
        if (call.Get(_layers) is not null && !isTimed)
            throw DiagnosticDescriptors.Usage.Error(model.Path, Name,
                "--layers is for programs on the machine, with --timing cycles or full");
        // Arrays have the order of the network, which a program tells in its model alone.
        bool isArray = _data.Path(call) is { } data && data.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);
        bool channelsLast = model.Graph?.InputChannelsLast ?? (isArray && ModelSection.Read(model.Program!).InputChannelsLast);
        ImageSet images = _data.Require(call, executor.Input, channelsLast);
        if (call.Get(_dump) is { } tensor)
        {
            string path = call.Get(_output) ?? throw DiagnosticDescriptors.Usage.Error(null, Name, "--dump needs -o FILE.npy");
            NpyArray dumped = executor.Dump(images, tensor, call.Cancellation);
            call.Print($"{tensor}: {string.Join(" x ", dumped.Shape)}");
            call.Write(path, NpyBytes(dumped));
            return ExitCode.Success;
        }

        Stopwatch clock = Stopwatch.StartNew();
        float[][] outputs = RunAll(call, executor, images, threads);
        float[] scores = outputs[0];
        TimeSpan took = clock.Elapsed;
        Summarize(call, model, executor, images, scores);
        if (call.Get(_compare) is { } other)
            Compare(call, ModelArgument.Open(call, other, options), images, scores, threads);
        if (isTimed && executor is MachineExecutor machine)
            Time(call, model.Program!, machine.RunsFor(images.Count), images.Count);
        call.Note($"{executor.Name}, {Quantity.Count(threads, "thread")}: {Quantity.Seconds(took.TotalSeconds)}, " +
            $"{Quantity.Significant(images.Count / took.TotalSeconds)} images a second");
        if (call.Get(_output) is { } npy)
            WriteOutputs(call, npy, executor, images.Count, outputs);
        return ExitCode.Success;
    }

    private static void WriteOutputs(Call call, string path, Executor executor, int images, float[][] outputs)
    {
        HashSet<string> used = new(StringComparer.OrdinalIgnoreCase);
        JsonArray files = [];
        for (int i = 0; i < outputs.Length; i++)
        {
            (string name, Shape shape, _) = executor.Outputs[i];
            call.Write(outputs.Length == 1 ? path : OutputFileNames.Of(path, name, used), NpyBytes(new NpyArray(
                shape is { Height: 1, Width: 1 } ? [images, shape.Channels] : [images, shape.Channels, shape.Height, shape.Width],
                outputs[i])));
            files.Add(call.Result["output"]!.DeepClone());
        }

        call.Result["output"] = files[0]!.DeepClone();
        if (files.Count > 1)
            call.Result["outputFiles"] = files;
    }

    // Time does not depend on data: no image is read and nothing is computed.
    private int CyclesOnly(Call call, ModelFile model)
    {
        EbspProgram program = model.RequireProgram("run --timing cycles");
        Option[] answers = [.. Options.Where(option =>
            option is { Name: "--input" or "--labels" or "--compare" or "-o" or "--dump" or "--engine" or "--kernel"
                or "--interleaving" })];
        if (answers.FirstOrDefault(option => call.Arguments.GetResult(option) is { Implicit: false }) is { } given)
            throw DiagnosticDescriptors.Usage.Error(null, Name,
                $"--timing cycles computes nothing, so {given.Name} has no place beside it; --timing full gives answers and time");
        int images = _data.Count(call) ?? program.Io.Batch;
        if (images < 1)
            throw DiagnosticDescriptors.Usage.Error(null, Name, $"--count {images} is less than 1");
        int runs = new MachineExecutor(program).RunsFor(images);
        call.Report(
        [
            $"model          {model.Path}: {model.Kind} for {program.Arch.Name}, batch {program.Io.Batch}",
            $"images         {Quantity.Count(images)}, not computed",
        ], new JsonObject { ["executor"] = "cycles only", ["images"] = images });
        Time(call, program, runs, images);
        return ExitCode.Success;
    }

    private void Time(Call call, EbspProgram program, int runs, int images)
    {
        RunTime time = new(TimingModel.Run(program), program.Arch, runs, images);
        call.Report(TimingPrinting.Text(time), "timing", TimingPrinting.Json(time));
        if (call.Get(_layers) is { } path)
            call.Write(path, LayerPrinting.Csv(time.OneRun, program.Arch), "layersFile");
    }

    private static int DefaultThreads() =>
        int.TryParse(Environment.GetEnvironmentVariable("EBSP_THREADS"), out int threads) && threads > 0
            ? threads
            : Environment.ProcessorCount;

    private Executor ExecutorOf(Call call, ModelFile model)
    {
        string? engine = call.Get(_engine), kernel = call.Get(_kernel);
        if (engine == "integers" && kernel is null && call.Get(_interleaving) is null)
        {
            return model.Graph is { } quantized && QdqReference.IsQuantized(quantized)
                ? new IntegerExecutor(quantized, new QdqReference(quantized))
                : throw DiagnosticDescriptors.Usage.Error(model.Path, Name,
                    $"--engine integers is for networks with QuantizeLinear, and this is {model.Kind} without it");
        }

        if (model.Graph is { } graph)
        {
            return engine is null or "reference" && kernel is null && call.Get(_interleaving) is null
                ? graph.IsInteger ? new IntegerExecutor(graph) : new FloatExecutor(graph)
                : throw DiagnosticDescriptors.Usage.Error(model.Path, Name,
                    $"--engine, --kernel and --interleaving are for programs, and this is {model.Kind}");
        }

        if (kernel is not null && engine is not (null or "fast"))
            throw DiagnosticDescriptors.Usage.Error(null, Name, "--kernel goes with --engine fast");
        if (engine == "reference" && call.Get(_interleaving) is not null)
            throw DiagnosticDescriptors.Usage.Error(null, Name, "--interleaving is for the machine, not for the reference");
        if (engine == "reference")
            return new IntegerExecutor(ModelSection.Read(model.Program!));
        if (kernel is not null && !KernelNames.Supported.Contains(kernel))
            throw DiagnosticDescriptors.KernelNotAvailable.Error(null, null, kernel);
        return new MachineExecutor(model.Program!, new MachineOptions
        {
            Engine = engine == "literal" ? EngineKind.Literal : EngineKind.Fast,
            Tier = kernel is null ? null : KernelNames.Parse(kernel),
            InterleavingSeed = call.Get(_interleaving),
        });
    }

    private static float[][] RunAll(Call call, Executor executor, ImageSet images, int threads)
    {
        using Progress progress = call.StartProgress(executor.Name, images.Count);
        return executor.RunOutputs(images, threads, done => progress.Advance(done), call.Cancellation);
    }

    private void Summarize(Call call, ModelFile model, Executor executor, ImageSet images, float[] scores)
    {
        call.Report(
        [
            $"model          {model.Path}: " +
                $"{model.Kind}{(model.Program is { } program ? $" for {program.Arch.Name}, batch {program.Io.Batch}" : "")}",
            $"executor       {executor.Name}",
            $"images         {Quantity.Count(images.Count)} of {images.Shape}",
        ], new JsonObject { ["executor"] = executor.Name, ["images"] = images.Count });
        if (executor.Outputs.Length > 1)
            call.Report([.. executor.Outputs.Select(output => $"output         {output.Name}: {output.Shape}")], "outputs",
                new JsonArray([.. executor.Outputs.Select(output => JsonValue.Create(output.Name))]));
        if (executor.Output is not { Height: 1, Width: 1 })
            return;
        if (images.Labels is { } labels)
            Score(call, scores, labels);
        if (call.Get(_top) is { } || images.Labels is null && images.Count <= MaxListed)
        {
            IReadOnlyList<BestClasses> best = BestClasses.Of(executor, images, scores, call.Get(_top) ?? Best);
            call.Report(BestClassesPrinting.Text(best), "best", BestClassesPrinting.Json(best));
        }
    }

    private void Score(Call call, float[] scores, int[] labels)
    {
        int classes = scores.Length / labels.Length;
        int bad = Array.FindIndex(labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            throw DiagnosticDescriptors.LabelOutOfRange.Error(_data.Path(call), null, bad, labels[bad], classes);
        // Of five classes or fewer all are among the best five.
        foreach (int best in classes > Best ? (int[])[1, Best] : [1])
        {
            Accuracy accuracy = Accuracy.Of(scores, labels, best);
            call.Report(AccuracyPrinting.Text(accuracy), AccuracyPrinting.Field(accuracy), AccuracyPrinting.Json(accuracy));
        }
    }

    private static void Compare(Call call, ModelFile other, ImageSet images, float[] scores, int threads)
    {
        Executor executor = Executor.Of(other);
        if (executor.Input != images.Shape)
            throw DiagnosticDescriptors.ImagesDoNotFit.Error(other.Path, null, images.Shape, executor.Input, "");
        Agreement agreement = Agreement.Of(scores, RunAll(call, executor, images, threads)[0], images.Count);
        call.Report(AgreementPrinting.Text(agreement, $"{other.Path} ({executor.Name})"), AgreementPrinting.Json(agreement));
    }

    private static byte[] NpyBytes(NpyArray array)
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, array);
        return stream.ToArray();
    }
}
