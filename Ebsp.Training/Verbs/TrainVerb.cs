using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Reports;
using Ebsp.Training.Data;
using Ebsp.Training.Loop;
using Ebsp.Training.Native;
using Ebsp.Training.Networks;

namespace Ebsp.Training.Verbs;

/// <summary>Trains a network on the pattern.</summary>
internal sealed class TrainVerb : Verb
{
    /// <summary>The verb as typed behind ebspc.</summary>
    public const string Word = "train";

    /// <summary>Lines that the help starts with.</summary>
    public static readonly string[] Calls =
    [
        "ebspc train resnet.pb --data train.med.br --test test.med.br --crop 4 --flip --batch-norm -o resnet.q.pb",
        "ebspc train --network digits --data digits.csv --hold-out 360 --float-epochs 40 --epochs 20 -o digits.q.pb",
        "ebspc train resnet.pb --data train.med.br -o resnet.q.pb --checkpoint run.checkpoint --resume",
        "ebspc train mobilenet.onnx --data pictures/ --unlabelled --batch 16 --lr 0.001 -o mobilenet.q.pb",
    ];

    private readonly Argument<string?> _model = new("MODEL") { Description = "A float .pb or .onnx network.", Arity =
        ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _network = new("--network")
    {
        Description = $"A built-in network with initial weights by --seed instead of MODEL: {string.Join(", ", BuiltInNetworks.Names)}.",
        HelpName = "NAME",
    };
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Labeled training images; may be repeated.", HelpName = "FILE", Required = true,
    };
    private readonly Option<int?> _count = new("--count") { Description = "Images taken of each training file.", HelpName = "N" };
    private readonly Option<string[]> _test = new("--test")
    {
        Description = "Labeled images that are scored after each epoch and take no part; equal ones leave the training set.", HelpName =
            "FILE",
    };
    private readonly Option<int?> _testCount = new("--test-count") { Description = "Images taken of each test file.", HelpName = "N" };
    private readonly Option<int?> _holdOut = new("--hold-out")
    {
        Description = "Images taken out of the training set by --seed, for the test.", HelpName = "N",
    };
    private readonly Option<string?> _labels = new("--labels") { Description = "Labels of the training images.", HelpName = "FILE" };
    private readonly Option<string> _output = new("-o", "--output") { Description = "The trained network.", HelpName = "MODEL.q.pb",
        Required = true };
    private readonly Option<string?> _floatOutput = new("--float-output")
    {
        Description = "Also write the float network that the pattern epochs start from, for other tools as .onnx.",
        HelpName = "MODEL.pb",
    };
    private readonly Option<string?> _csv = new("--csv") { Description = "Write a row an epoch, as it ends.", HelpName = "FILE" };
    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "State of the run, written after each epoch and on Ctrl+C.", HelpName = "FILE",
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from --checkpoint where there is one." };
    private readonly PreprocessingArguments _preprocessing;
    private readonly TrainingArguments _training;

    public TrainVerb()
        : base(Word, "Trains a network inside the bit pattern and writes its integers.", Calls)
    {
        Arguments.Add(_model);
        foreach (Option option in new Option[]
        {
            _network, _data, _count, _labels, _test, _testCount, _holdOut, _output, _floatOutput, _csv, _checkpoint, _resume,
        })
            Options.Add(option);
        _preprocessing = new PreprocessingArguments(this);
        _training = new TrainingArguments(this);
    }

    public override bool IsOfBatch => false;

    public override int Run(Call call)
    {
        TrainingOptions options = _training.Read(call);
        LibTorch.Require(options.Threads);
        Graph graph = Network(call, options);
        (ImageSet data, ImageSet? test) = Images(call, graph, options);
        bool resume = call.Get(_resume) && call.Get(_checkpoint) is { } path && File.Exists(path);
        if (call.Get(_resume) && call.Get(_checkpoint) is null)
            throw DiagnosticDescriptors.Usage.Error(null, Name, "--resume needs --checkpoint");
        RunObserver observer = new(call, call.Get(_csv));
        Trainer trainer = new(graph, data, test, options, observer, call.Get(_checkpoint));
        TrainingResult result = trainer.Run(resume, call.Cancellation);
        observer.Dispose();
        if (call.Get(_floatOutput) is { } floatOutput)
        {
            bool isOnnx = Path.GetExtension(floatOutput).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
            call.Write(floatOutput, isOnnx ? OnnxView.Write(result.Float) : GraphFile.Serialize(result.Float), "floatOutput");
        }

        call.Write(call.Get(_output)!, GraphFile.Serialize(result.Integer));
        if (test is { Labels: not null })
            Score(call, result, test, options.Threads);
        else if (test is not null)
            Agree(call, result, test, options.Threads);
        return ExitCode.Success;
    }

    private static void Score(Call call, TrainingResult result, ImageSet test, int threads)
    {
        JsonObject scores = [];
        foreach ((string name, string field, Executor executor) in new (string, string, Executor)[]
        {
            ("float network", "float", new FloatExecutor(result.Float)),
            ("quantizer alone", "quantizer", new IntegerExecutor(result.Quantized.Graph)),
            ("trained, in integers", "trained", new IntegerExecutor(result.Integer)),
        })
        {
            Accuracy accuracy = Accuracy.Of(executor.Run(test, threads, null, call.Cancellation), test.Labels!);
            call.Print($"{name + ":",-22} {Quantity.Percent(accuracy.Share)} of {Quantity.Count(accuracy.Images, "image")}");
            scores[field] = new JsonObject { ["correct"] = accuracy.Correct, ["images"] = accuracy.Images };
        }

        call.Result["accuracy"] = scores;
    }

    // Without labels: how many images have the float network's best class.
    private static void Agree(Call call, TrainingResult result, ImageSet test, int threads)
    {
        float[] real = new FloatExecutor(result.Float).Run(test, threads, null, call.Cancellation);
        int classes = real.Length / test.Count;
        int[] answers = [.. Enumerable.Range(0, test.Count).Select(n => Best(real.AsSpan(n * classes, classes)))];
        JsonObject scores = [];
        foreach ((string name, string field, Graph graph) in new[]
        {
            ("quantizer alone", "quantizer", result.Quantized.Graph), ("trained, in integers", "trained", result.Integer),
        })
        {
            Accuracy agreed = Accuracy.Of(new IntegerExecutor(graph).Run(test, threads, null, call.Cancellation), answers);
            call.Print($"{name + ":",-22} the float network's answer on {Quantity.Percent(agreed.Share)} of "
                + Quantity.Count(agreed.Images, "image"));
            scores[field] = new JsonObject { ["agreed"] = agreed.Correct, ["images"] = agreed.Images };
        }

        call.Result["agreement"] = scores;

        static int Best(ReadOnlySpan<float> values)
        {
            int best = 0;
            for (int i = 1; i < values.Length; i++)
                best = values[i] > values[best] ? i : best;
            return best;
        }
    }

    private Graph Network(Call call, TrainingOptions options)
    {
        if (call.Arguments.GetValue(_model) is { } path)
        {
            if (call.Get(_network) is not null)
                throw DiagnosticDescriptors.Usage.Error(null, Name, "--network takes the place of MODEL");
            byte[] bytes = FileBytes.Read(path);
            call.Record(path, bytes);
            ModelFile model = ModelFile.Parse(bytes, path, _preprocessing.Read(call));
            Graph graph = model.RequireGraph(Name, "a float .pb or an ONNX model");
            return graph.IsInteger ? throw model.Refuse(Name, "a float .pb or an ONNX model") : graph;
        }

        string name = call.Get(_network) ?? throw DiagnosticDescriptors.Usage.Error(null, Name, "MODEL or --network is missing");
        return _preprocessing.Read(call).ApplyTo(BuiltInNetworks.Create(name, options.Seed), null);
    }

    private (ImageSet Data, ImageSet? Test) Images(Call call, Graph graph, TrainingOptions options)
    {
        ImageSet data = ImageSets.Joined([.. call.Get(_data)!.Select(path => Read(path, call.Get(_count), call.Get(_labels)))]);
        ImageSet? test = call.Get(_test) is { Length: > 0 } files
            ? ImageSets.Joined([.. files.Select(path => Read(path, call.Get(_testCount), null))]) : null;
        if (test is not null)
        {
            int[] kept = ImageSets.NotIn(data, test);
            if (kept.Length < data.Count)
            {
                call.Note($"{Quantity.Count(data.Count - kept.Length, "image")} of the test set left out of training");
                data = ImageSets.Picked(data, kept);
            }
        }
        else if (call.Get(_holdOut) is { } holdOut)
        {
            if (holdOut < 1 || holdOut >= data.Count)
                throw DiagnosticDescriptors.Usage.Error(null, Name, $"--hold-out {holdOut} of {data.Count} images");
            int[] order = new Numbers(options.Seed, "hold out", 0).Order(data.Count);
            (test, data) = (ImageSets.Picked(data, order.AsSpan(0, holdOut)), ImageSets.Picked(data, order.AsSpan(holdOut)));
        }

        return (data, test);

        ImageSet Read(string path, int? count, string? labels)
        {
            if (File.Exists(path))
                call.Record(path);
            return DataReader.Read(path, new DataOptions
            {
                Count = count, LabelsPath = labels, Input = graph.InputShape, ChannelsLast = graph.InputChannelsLast,
                Channels = graph.InputShape.Channels,
            });
        }
    }

    /// <summary>Prints what happens.</summary>
    private sealed class RunObserver(Call call, string? csv) : ITrainingObserver, IDisposable
    {
        private readonly StatusLine _line = new(call.Terminal);

        public void Stepped(TrainingStatus s) => _line.Show(string.Create(CultureInfo.InvariantCulture,
            $"{s.Phase} epoch {s.Epoch}/{s.Epochs}, step {s.Step}/{s.Steps}: loss {s.Loss:0.000}, right {100 * s.Accuracy:0.0} %") +
            (s.Phase == "float" ? "" : string.Create(CultureInfo.InvariantCulture,
                $", residual {s.Residual:0.0000}, on the pattern {100 * s.OnPattern:0} %")) +
            string.Create(CultureInfo.InvariantCulture, $", {s.ImagesPerSecond:0} images/s, {Left(s.SecondsLeft)} left"));

        public void Quantized(Compiler.Quantization.QuantizationResult result) => _line.Note(string.Create(CultureInfo.InvariantCulture,
            $"quantized: {result.ScoreSignalToNoise:0.0} dB on the calibration images, {result.Layers.Count} layers"));

        public void Finished(EpochRow row, string table)
        {
            if (csv is not null)
                AtomicFile.Write(csv, Encoding.UTF8.GetBytes(table));
            _line.Note(string.Create(CultureInfo.InvariantCulture,
                $"{row.Phase} epoch {row.Epoch}: loss {row.Loss:0.0000}, right {100 * row.TrainAccuracy:0.00} %") +
                (double.IsNaN(row.TestAccuracy) ? "" : string.Create(CultureInfo.InvariantCulture,
                    $", test {100 * row.TestAccuracy:0.00} %")) +
                (row.Phase == "float" ? "" : string.Create(CultureInfo.InvariantCulture,
                    $", residual {row.Residual:0.00000}, on the pattern {100 * row.OnPattern:0.0} %")) +
                string.Create(CultureInfo.InvariantCulture, $", {row.ImagesPerSecond:0} images/s"));
        }

        public void Note(string line) => _line.Note(line);

        public void Whole(Action action) => call.Terminal.Finish(action);

        public void Dispose() => _line.Dispose();

        private static string Left(double seconds) => seconds < 90 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
            : seconds < 5400 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h");
    }
}
