using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Training.Data;
using Ebsp.Training.Export;
using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using Ebsp.Training.Optimization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Ebsp.Training.Loop;

/// <summary>What a run leaves.</summary>
/// <param name="Integer">The network in integers.</param>
/// <param name="Float">The float network that it was made from.</param>
/// <param name="Quantized">What the quantizer alone made of that.</param>
/// <param name="Table">One row an epoch, with a header.</param>
public sealed record TrainingResult(Graph Integer, Graph Float, QuantizationResult Quantized, string Table);

/// <summary>A run: float epochs where there are some, quantization, epochs on the pattern, export.</summary>
public sealed class Trainer
{
    private readonly Graph _start;
    private readonly ImageSet _data;
    private readonly ImageSet? _test;
    private readonly ImageSet? _choice;
    private readonly TrainingOptions _options;
    private readonly ITrainingObserver _observer;
    private readonly string? _checkpointPath;
    private readonly byte[] _identity;
    private readonly int _classes;
    private readonly HashSet<string> _normalized;
    private readonly StringBuilder _table = new(EpochRow.Header + "\n");
    private byte[] _floatNetwork = [];
    private (double Residual, double Share) _distance;

    /// <summary>A run that has not started.</summary>
    /// <param name="graph">A float graph.</param>
    /// <param name="data">Training images with labels.</param>
    /// <param name="test">Images that are scored after each epoch and decide nothing, or null.</param>
    /// <param name="options">How.</param>
    /// <param name="observer">Follows it.</param>
    /// <param name="checkpoint">File for its state after each epoch and on a signal, or null.</param>
    /// <exception cref="EbspException">EBSP5001: libtorch does not load. EBSP5002: the images do not fit.</exception>
    public Trainer(Graph graph, ImageSet data, ImageSet? test, TrainingOptions options, ITrainingObserver observer,
        string? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        LibTorch.Require(options.Threads);
        if (options.Select > 0)
        {
            if (options.Select >= data.Count || data.Labels is null)
                throw DiagnosticDescriptors.TrainingDataMisfit.Error(data.Name, null,
                    $"to hold out {options.Select} to choose an epoch by, of {data.Count}, they need labels and others to learn from");
            int[] order = new Numbers(options.Seed, "selection", 0).Order(data.Count);
            (_choice, data) = (ImageSets.Picked(data, order.AsSpan(0, options.Select)),
                ImageSets.Picked(data, order.AsSpan(options.Select)));
        }

        (_data, _test, _options, _observer, _checkpointPath) = (data, test, options, observer, checkpoint);
        // Which layers had batch normalization in the file; the passes fold it.
        _normalized = [.. graph.Nodes.Where(node => node.Op is Conv && graph.ConsumersOf(node.Output).ToArray() is [{ Op: ChannelAffine }])
            .Select(node => node.Name)];
        _start = FloatPasses.Run(Compiler.Quantization.Calibration.QuantizedRanges.Take(graph).Graph);
        Shape output = _start.TypeOf(_start.OutputName).Shape;
        _classes = output.Height * output.Width == 1 ? output.Channels
            : throw DiagnosticDescriptors.TrainingDataMisfit.Error(null, _start.OutputName,
                $"the network's output of {output} is no class score");
        if (data.Count < options.Batch)
            throw DiagnosticDescriptors.TrainingDataMisfit.Error(data.Name, null,
                $"{data.Count} images are less than one batch of {options.Batch}");
        _identity = SHA256.HashData([
            .. SHA256.HashData(GraphFile.Serialize(_start)), .. Encoding.UTF8.GetBytes(options.IdentityText()), .. HashOf(data)]);
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="resume">Whether it goes on from the checkpoint.</param>
    /// <param name="cancellation">Writes a checkpoint after the step that is under way, and ends.</param>
    /// <exception cref="EbspException">EBSP5003: the loss is not finite. EBSP5004: the checkpoint is of another run.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TrainingResult Run(bool resume = false, CancellationToken cancellation = default)
    {
        Checkpoint? from = resume && _checkpointPath is not null ? Checkpoint.Read(_checkpointPath, _identity) : null;
        if (from is not null)
        {
            _table.Clear().Append(from.Table);
            _floatNetwork = from.FloatNetwork;
        }

        Graph real = _start;
        if (_options.FloatEpochs > 0 && (from is null || from.IsFloat))
        {
            using TrainableNetwork network = new(QuantizationPlan.Of(_start, _options.Formats));
            Batches batches = new(_start, _data, null, _classes);
            NormalizeSome(network, batches);
            Epochs(network, null, batches, isFloat: true, from, cancellation);
            real = FloatGraphs.Of(network);
            _floatNetwork = GraphFile.Serialize(real);
            from = null;
        }
        else if (_floatNetwork.Length > 0)
        {
            real = GraphFile.Parse(_floatNetwork, _checkpointPath);
        }

        QuantizationResult quantized = Quantizer.Run(real, _data.Part(0, Math.Min(_options.Calibration, _data.Count)), _options.Formats,
            null, cancellation);
        _observer.Quantized(quantized);
        QuantizationPlan plan = quantized.Emitted.Plan;
        using TrainableNetwork pattern = new(plan);
        pattern.Quantize(quantized.Emitted, _options.StartsFromQuantizer);
        // The float network's answers alone need no labels.
        Batches stored = new(plan.Graph, _data, quantized.Emitted.Input, _options.Distillation < 1 ? _classes : 0);
        NormalizeSome(pattern, stored);
        using TrainableNetwork? teacher = _options.Distillation > 0 ? new TrainableNetwork(plan) : null;
        Epochs(pattern, teacher, stored, isFloat: false, from, cancellation);
        return new TrainingResult(TrainedScales.Emit(pattern), real, quantized, _table.ToString());
    }

    // A deterministic sample of varied batches, for statistics.
    private IEnumerable<Tensor> Sample(Batches batches, int count, string purpose)
    {
        int[] order = new Numbers(_options.Seed, purpose, 0).Order(batches.Count);
        for (int i = 0; i < Math.Min(count, batches.Count / _options.Batch); i++)
        {
            int first = i * _options.Batch;
            yield return batches.Batch(order.AsSpan(first, _options.Batch), _options.Augmentation,
                n => new Numbers(_options.Seed, purpose + " variation", (ulong)(first + n)), isReal: false).Stored;
        }
    }

    private void NormalizeSome(TrainableNetwork network, Batches batches)
    {
        const int SampleBatches = 16;
        TrainedLayer[] layers = [.. network.Layers.Select(each => each.Layer)
            .Where(layer => layer.Node.Op is Conv && (_options.BatchNorm || _normalized.Contains(layer.Node.Name)))];
        if (layers.Length > 0)
            Statistics.Normalize(network, layers, Sample(batches, SampleBatches, "statistics"));
    }

    private void Estimate(TrainableNetwork network, Batches batches)
    {
        if (_options.EstimationBatches > 0 && network.Layers.Any(each => each.Layer.Mean is not null))
            Statistics.Estimate(network, Sample(batches, _options.EstimationBatches, "estimation"));
    }

    private void Epochs(TrainableNetwork network, TrainableNetwork? teacher, Batches batches, bool isFloat, Checkpoint? from,
        CancellationToken cancellation)
    {
        int epochs = isFloat ? _options.FloatEpochs : _options.Epochs, steps = batches.Count / _options.Batch, total = epochs * steps;
        Schedule schedule = new(_options.Schedule, isFloat ? _options.FloatRate : _options.Rate,
            (int)Math.Min(_options.WarmUp * steps, total / 2.0), total);
        Optimizer optimizer = new(_options.Optimizer, (float)_options.Momentum, (float)_options.WeightDecay, (float)_options.ScaleRate,
            _options.WeightScales == WeightScaleRule.Learned);
        Admm? admm = isFloat || _options.RhoStart <= 0 ? null : new Admm();
        MovingAverage? average = isFloat || _options.Average <= 0 ? null : new MovingAverage(_options.Average);
        Evolution evolution = new(isFloat ? 0 : _options.Evolve);
        Selection? selection = isFloat || _choice is null ? null : new Selection();
        Batches? choice = selection is null ? null : new Batches(network.Plan.Graph, _choice!, network.Emitted?.Input, _classes);
        int freeze = isFloat || _options.FrozenNorm <= 0 ? int.MaxValue : (int)(total * (1 - _options.FrozenNorm));
        optimizer.Prepare(network);
        average?.Prepare(network);
        evolution.Prepare(network);
        selection?.Prepare(network);
        admm?.Prepare(network);
        // Images without labels are scored by the verb, against the float network.
        Batches? test = _test?.Labels is null ? null : new Batches(network.Plan.Graph, _test, network.Emitted?.Input, _classes);
        if (!isFloat)
            _distance = Admm.Distance(network);
        int epoch = 0, step = 0;
        double loss = 0;
        long right = 0;
        if (from is not null)
        {
            (epoch, step, loss, right, optimizer.Steps) = (from.Epoch, from.Step, from.Loss, from.Right, from.OptimizerSteps);
            // Formats first, as the step that was done last had them: values of scales go with formats.
            evolution.Move(Math.Max(0, epoch * steps + step - 1), total);
            Restore(from, network, [.. OtherState()]);
        }
        else if (selection is not null)
        {
            _ = Score(done: 0);
        }

        for (; epoch < epochs; epoch++, step = 0, loss = 0, right = 0)
        {
            int[] order = new Numbers(_options.Seed, isFloat ? "float order" : "order", (ulong)epoch).Order(batches.Count);
            Stopwatch clock = Stopwatch.StartNew();
            int first = step;
            for (; step < steps; step++)
            {
                int done = epoch * steps + step;
                _observer.Whole(() =>
                {
                    float rate = schedule.At(done);
                    IReadOnlyList<(LearnedScale Scale, float Factor)> changed = evolution.Move(done, total);
                    foreach ((LearnedScale scale, float factor) in changed)
                        average?.Rescale(scale, factor);
                    if (changed.Count > 0)
                        admm?.Retarget(network);
                    if (done == freeze)
                        Estimate(network, batches);
                    (double value, int correct) = Step(network, teacher, batches, order.AsSpan(step * _options.Batch, _options.Batch),
                        isFloat, done >= freeze, epoch, step);
                    loss += value * _options.Batch;
                    right += correct;
                    if (admm is not null)
                    {
                        admm.Pull(network, (float)(_options.RhoStart
                            * Math.Pow(_options.RhoEnd / _options.RhoStart, (double)done / Math.Max(1, total - 1))));
                    }

                    bool isFrozen = isFloat || done >= total * (1 - _options.FrozenShare);
                    optimizer.Step(network, rate, isFrozen);
                    if (!isFrozen && _options.WeightScales == WeightScaleRule.Search && done % WeightScales.Every == 0)
                        WeightScales.Search(network);
                    if (admm is not null && (step + 1) % Math.Max(1, steps / Math.Max(1, _options.DualSteps)) == 0)
                        admm.Update(network);
                    average?.Update(network, done);
                    if (cancellation.IsCancellationRequested)
                        Save(epoch, step + 1);
                });
                cancellation.ThrowIfCancellationRequested();
                double seconds = clock.Elapsed.TotalSeconds / (step + 1 - first);
                int seen = (step + 1) * _options.Batch;
                _observer.Stepped(new TrainingStatus(isFloat ? "float" : "pattern", epoch + 1, epochs, step + 1, steps, loss / seen,
                    (double)right / seen, _distance.Residual, _distance.Share, _options.Batch / seconds,
                    seconds * (total - done - 1 + (isFloat ? (long)_options.Epochs * steps : 0))));
            }

            double speed = (steps - first) * _options.Batch / clock.Elapsed.TotalSeconds;
            int images = steps * _options.Batch;
            if (!isFloat)
                _distance = Admm.Distance(network);
            EpochRow row = new(isFloat ? "float" : "pattern", epoch + 1, schedule.At(epoch * steps + steps - 1), loss / images,
                (double)right / images, Score(epoch + 1), _distance.Residual, _distance.Share, speed);
            // Speed is not part of what a run computes.
            _table.Append(CultureInfo.InvariantCulture, $"{row.Csv}\n");
            _observer.Whole(() => Save(epoch + 1, 0));
            _observer.Finished(row, _table.ToString());
        }

        if (selection is not null)
        {
            selection.Take(network);
            _observer.Note(string.Create(CultureInfo.InvariantCulture,
                $"written: epoch {selection.Epoch}, right on {100 * selection.Accuracy:0.00} % of {choice!.Count} images to choose by"));
        }
        else if (!isFloat)
        {
            Finish(epochs);
        }

        // The accuracy of what would be written now. Training then goes on from where it was.
        double Score(int done)
        {
            if (test is null && selection is null)
                return double.NaN;
            Trained[] statistics = [.. network.Arrays.Where(array => array.Kind == TrainedKind.Statistic)];
            float[][] kept = [.. statistics.Select(each => each.Floats.ToArray())];
            Finish(done);
            double accuracy = test is null ? double.NaN : Accuracy(network, test);
            // Wider formats are no candidates.
            if (evolution.Level == 0)
                selection?.Offer(network, Accuracy(network, choice!), done);
            average?.Swap(network);
            for (int i = 0; i < kept.Length; i++)
                kept[i].CopyTo(statistics[i].Floats);
            return accuracy;
        }

        // Averaged weights, and statistics taken anew; frozen ones are part of what was learned.
        void Finish(int done)
        {
            average?.Swap(network);
            if (!isFloat && done * steps <= freeze)
                Estimate(network, batches);
        }

        IEnumerable<(string Name, float[] Values)> OtherState() =>
            [.. optimizer.State, .. admm?.State ?? [], .. average?.State ?? [], .. selection?.State ?? []];

        void Save(int epochsDone, int stepsDone)
        {
            if (_checkpointPath is null)
                return;
            new Checkpoint
            {
                Identity = _identity, IsFloat = isFloat, Epoch = epochsDone, Step = stepsDone == steps ? 0 : stepsDone,
                Loss = stepsDone == 0 ? 0 : loss, Right = stepsDone == 0 ? 0 : right, OptimizerSteps = optimizer.Steps,
                Table = _table.ToString(), FloatNetwork = _floatNetwork,
                Arrays = [.. State(network, [.. OtherState()]).Select(each => (each.Name, each.Values.ToArray()))],
            }.Write(_checkpointPath);
        }
    }

    private (double Loss, int Right) Step(TrainableNetwork network, TrainableNetwork? teacher, Batches batches, ReadOnlySpan<int> images,
        bool isFloat, bool isNormFrozen, int epoch, int step)
    {
        using var scope = NewDisposeScope();
        string purpose = isFloat ? "float variation" : "variation";
        ulong place = ((ulong)epoch << 32) + (ulong)step * (ulong)_options.Batch;
        (Tensor stored, Tensor? real) = batches.Batch(images, _options.Augmentation,
            _options.Augmentation == default ? null : n => new Numbers(_options.Seed, purpose, place + (ulong)n), teacher is not null);
        Tensor? answers = null;
        if (teacher is not null)
        {
            using (no_grad())
                answers = teacher.Run(real!, isTraining: false);
        }

        // Without labels the teacher's own answers are what is right.
        Tensor labels = teacher is null || _options.Distillation < 1 ? batches.Labels(images) : answers!.argmax(1);
        Tensor scores = network.Run(stored, isTraining: !isNormFrozen);
        Tensor loss = Loss(scores, labels, answers);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
            throw Diverged(network, stored, value, epoch, step);
        loss.backward();
        using Tensor best = scores.argmax(1);
        return (value, (int)best.eq(labels).sum().item<long>());
    }

    private Tensor Loss(Tensor scores, Tensor labels, Tensor? answers)
    {
        double share = answers is null ? 0 : _options.Distillation, t = _options.Temperature;
        Tensor? hard = share < 1 ? functional.cross_entropy(scores, labels, label_smoothing: _options.LabelSmoothing) : null;
        if (answers is null)
            return hard!;
        // Soft answers: the slopes of softened scores are 1/T^2 of those of plain ones (Hinton et al. 2015).
        Tensor wanted = functional.log_softmax(answers.Times(1 / t), 1);
        Tensor difference = wanted.Minus(functional.log_softmax(scores.Times(1 / t), 1));
        Tensor soft = (wanted.exp() * difference).sum(1).mean().Times(t * t);
        return hard is null ? soft : hard.Times(1 - share).Plus(soft.Times(share));
    }

    private static EbspException Diverged(TrainableNetwork network, Tensor images, double value, int epoch, int step)
    {
        string? layer = null;
        network.Observer = (name, x) => layer ??= x.isfinite().all().item<bool>() ? null : name;
        using (no_grad())
            network.Run(images, isTraining: true);
        network.Observer = null;
        return DiagnosticDescriptors.TrainingDiverged.Error(null, null, value.ToString(CultureInfo.InvariantCulture), step + 1, epoch + 1,
            layer ?? "the scores");
    }

    /// <summary>Share of the images that a network answers rightly.</summary>
    private double Accuracy(TrainableNetwork network, Batches images)
    {
        long right = 0;
        using (no_grad())
        {
            for (int first = 0; first < images.Count; first += _options.Batch)
            {
                using var scope = NewDisposeScope();
                int[] batch = [.. Enumerable.Range(first, Math.Min(_options.Batch, images.Count - first))];
                Tensor scores = network.Run(images.Batch(batch, default, null, isReal: false).Stored, isTraining: false);
                right += scores.argmax(1).eq(images.Labels(batch)).sum().item<long>();
            }
        }

        return (double)right / images.Count;
    }

    private static IEnumerable<(string Name, ReadOnlyMemory<float> Values)> State(TrainableNetwork network,
        IReadOnlyList<(string Name, float[] Values)> others)
    {
        foreach (Trained array in network.Arrays)
            yield return (array.Name, array.Floats.ToArray());
        foreach (LearnedScale scale in network.Scales)
            yield return (scale.Name, scale.Values);
        foreach ((string name, float[] values) in others)
            yield return (name, values);
    }

    private void Restore(Checkpoint from, TrainableNetwork network, IReadOnlyList<(string Name, float[] Values)> others)
    {
        Dictionary<string, float[]> arrays = from.Arrays.ToDictionary(each => each.Name, each => each.Values, StringComparer.Ordinal);
        foreach (Trained array in network.Arrays)
            Of(array.Name, array.Floats.Length).CopyTo(array.Floats);
        foreach (LearnedScale scale in network.Scales)
            Of(scale.Name, scale.Values.Length).CopyTo(scale.Values, 0);
        foreach ((string name, float[] values) in others)
            Of(name, values.Length).CopyTo(values, 0);

        float[] Of(string name, int length) => arrays.TryGetValue(name, out float[]? values) && values.Length == length ? values
            : throw DiagnosticDescriptors.BadCheckpoint.Error(_checkpointPath, null, $"it has no array '{name}' of {length} values");
    }

    private static byte[] HashOf(ImageSet data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int n = 0; n < data.Count; n++)
        {
            if (data.Values is null)
                hash.AppendData(data.PixelsOf(n));
            else
                hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(data.ValuesOf(n)));
        }

        hash.AppendData(Encoding.UTF8.GetBytes(string.Join(',', data.Labels ?? [])));
        return hash.GetHashAndReset();
    }
}
