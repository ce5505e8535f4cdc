using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Quantization;

/// <summary>One choice of formats that the search looked at.</summary>
/// <param name="Name">Formats of a uniform choice, or the number of steps taken from the narrowest formats.</param>
/// <param name="Cycles">Cycles of the compiled program for one run.</param>
/// <param name="SignalToNoise">Power of the float scores over that of the error of the integer ones on the held-back calibration images, in
/// dB, each image's mean taken off.</param>
/// <param name="IsUniform">Whether all inner layers share their formats.</param>
/// <param name="Layers">Layers with formats of their own, as <c>name=weights,activations</c>.</param>
/// <param name="IsPareto">Whether no other choice has as few cycles and a higher ratio.</param>
public sealed record BudgetPoint(string Name, long Cycles, double SignalToNoise, bool IsUniform, IReadOnlyList<string> Layers,
    bool IsPareto = false);

/// <summary>What the search found.</summary>
/// <param name="Quantized">The network, fitted on all calibration images.</param>
/// <param name="Options">Its options.</param>
/// <param name="Chosen">The choice.</param>
/// <param name="Points">All that was measured, by cycles.</param>
public sealed record BudgetResult(QuantizationResult Quantized, QuantizerOptions Options, BudgetPoint Chosen,
    IReadOnlyList<BudgetPoint> Points);

/// <summary>
/// Gives wider formats and second terms to the layers that need them, under a budget of cycles. Every layer starts narrow; the steps
/// up are ordered by what each takes off the error of the scores (<see cref="Sensitivity"/>) for each cycle that it costs, and taken
/// while the compiled program stays inside the budget. That choice, others on the way and the uniform choices are then fitted in full,
/// and the held-back calibration images decide. Labels play no part.
/// </summary>
public sealed class BudgetSearch
{
    private const int MostFitted = 128;
    private const int MostHeldBack = 64;

    private readonly Graph _source;
    private readonly Graph _graph;
    private readonly ImageSet _calibration;
    private readonly ImageSet _fitted;
    private readonly ImageSet _heldBack;
    private readonly QuantizerOptions _base;
    private readonly ArchSpec _arch;
    private readonly CancellationToken _cancellation;
    private readonly IProgress<(string Step, int Done, int Total)>? _progress;
    private readonly float[][][] _scores;
    private readonly List<(BudgetPoint Point, QuantizerOptions Options)> _points = [];
    private int _done;

    private BudgetSearch(Graph graph, ImageSet calibration, QuantizerOptions options, ArchSpec arch,
        IProgress<(string, int, int)>? progress, CancellationToken cancellation)
    {
        _source = graph;
        _graph = QuantizedRanges.Take(graph).Graph;
        _calibration = calibration;
        int heldBack = Math.Min(MostHeldBack, (calibration.Count + 3) / 4);
        _heldBack = calibration.Part(calibration.Count - heldBack, heldBack);
        _fitted = calibration.Part(0, Math.Clamp(calibration.Count - heldBack, 1, MostFitted));
        _base = options;
        _arch = arch;
        _progress = progress;
        _cancellation = cancellation;
        _scores = Sensitivity.FloatScores(_graph, _heldBack, options.Threads);
    }

    /// <summary>Searches.</summary>
    /// <param name="graph">A float graph.</param>
    /// <param name="calibration">Images; about the last quarter, at most 64, decides and takes no part in the fits of the search.</param>
    /// <param name="options">What the search does not choose; formats in it are ignored.</param>
    /// <param name="arch">The machine; its pattern length is that of every format.</param>
    /// <param name="budgetCycles">Most cycles of a run of one image, at least 1.</param>
    /// <param name="progress">Told what is done, and how much of how much.</param>
    /// <param name="cancellation">Stops between fits.</param>
    /// <returns>The same for any number of threads.</returns>
    /// <exception cref="EbspException">EBSP2018: no choice meets the budget; and all that the quantizer refuses.</exception>
    public static BudgetResult Run(
        Graph graph, ImageSet calibration, QuantizerOptions options, ArchSpec arch, long budgetCycles,
        IProgress<(string Step, int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(arch);
        OptionCheck.Check(options, graph);
        if (calibration.Count < 2)
            throw DiagnosticDescriptors.BadQuantizerOption.Error(null, null,
                "a budget needs two calibration images or more: some are held back to decide");
        return new BudgetSearch(graph, calibration, options, arch, progress, cancellation).Run(budgetCycles);
    }

    private BudgetResult Run(long budget)
    {
        QuantizerOptions narrow = Uniform(new OperandFormat(6, PatternLength), inputTerms: 1);
        long least = Cycles(narrow), leastUniform = least;
        foreach ((OperandFormat weights, OperandFormat activations, int terms) in UniformChoices())
        {
            QuantizerOptions choice = Uniform(weights, terms) with { Activations = activations };
            long cycles = Cycles(choice);
            leastUniform = Math.Min(leastUniform, cycles);
            if (cycles <= budget)
                Measure($"uniform {weights} / {activations}, {terms}-term input", choice, [], isUniform: true);
        }

        if (least <= budget)
            Mixed(narrow, budget);
        if (_points.Count == 0)
            throw DiagnosticDescriptors.BudgetTooSmall.Error(null, null, budget, leastUniform);
        (BudgetPoint chosen, QuantizerOptions options) = _points.OrderByDescending(each => each.Point.SignalToNoise)
            .ThenBy(each => each.Point.Cycles).First();
        QuantizationResult result = Quantizer.Run(_source, _calibration, options, null, _cancellation);
        BudgetPoint[] points =
            [.. _points.Select(each => each.Point with { IsPareto = !_points.Any(other => Beats(other.Point, each.Point)) })
            .OrderBy(point => point.Cycles).ThenBy(point => point.SignalToNoise)];
        return new BudgetResult(result, options, points.First(point => point.Name == chosen.Name), points);
    }

    private int PatternLength => _arch.PatternLength;

    private QuantizerOptions Uniform(OperandFormat format, int inputTerms) => _base with
    {
        Weights = format, Activations = format, First = new OperandFormat(8, PatternLength), Last = new OperandFormat(8, PatternLength),
        InputTerms = inputTerms, Layers = new Dictionary<string, LayerFormats>(),
    };

    private IEnumerable<(OperandFormat Weights, OperandFormat Activations, int InputTerms)> UniformChoices()
    {
        foreach (int bits in new[] { 8, 6, 5 })
        {
            OperandFormat format = new(bits, PatternLength);
            yield return (format, format, 1);
            yield return (format, format, 2);
        }

        OperandFormat wide = new(8, PatternLength);
        yield return (wide, wide with { Terms = 2 }, 2);
    }

    private void Mixed(QuantizerOptions narrow, long budget)
    {
        List<FormatStep> ordered = Sensitivity.Order(_graph, _fitted, narrow, PatternLength, LayerCycles);
        // The longest run of steps inside the budget; a step that leaves it is passed over, for cheaper ones follow.
        List<FormatStep> taken = [];
        int chunk = Math.Max(1, ordered.Count / 4);
        while (ordered.Count > 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            chunk = Math.Min(chunk, ordered.Count);
            List<FormatStep> tried = [.. taken, .. ordered.Take(chunk)];
            if (Cycles(With(narrow, tried)) <= budget)
            {
                taken = tried;
                ordered.RemoveRange(0, chunk);
            }
            else if (chunk > 1)
            {
                chunk /= 2;
            }
            else
            {
                // What builds on the step goes with it.
                FormatStep refused = ordered[0];
                ordered.RemoveAll(step => step == refused || (step.IsWeights == refused.IsWeights && step.Key == refused.Key));
            }
        }

        foreach (int part in new[] { 1, 2, 3, 4 })
        {
            int count = taken.Count * part / 4;
            List<FormatStep> some = [.. taken.Take(count)];
            if (part == 1 || count > taken.Count * (part - 1) / 4)
                Measure(string.Create(CultureInfo.InvariantCulture, $"{count} steps"), With(narrow, some), some, isUniform: false);
        }
    }

    private static QuantizerOptions With(QuantizerOptions narrow, IEnumerable<FormatStep> steps)
    {
        Dictionary<string, LayerFormats> layers = new(StringComparer.Ordinal);
        foreach (FormatStep step in steps)
        {
            foreach (string layer in step.Layers)
            {
                LayerFormats formats = layers.GetValueOrDefault(layer) ?? new LayerFormats();
                layers[layer] = step.IsWeights ? formats with { Weights = step.Format } : formats with { Activations = step.Format };
            }
        }

        return narrow with { Layers = layers };
    }

    private void Measure(string name, QuantizerOptions options, IReadOnlyList<FormatStep> steps, bool isUniform)
    {
        _cancellation.ThrowIfCancellationRequested();
        EbspProgram program = Compile(Quantizer.Run(_source, _fitted, options, null, _cancellation).Graph);
        (double signal, double noise)[] sums = new (double, double)[_heldBack.Count];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = _base.Threads, CancellationToken = _cancellation };
        Parallel.For(0, _heldBack.Count, parallel, () => new Emulator.Machine(program, new MachineOptions()), (n, _, machine) =>
        {
            machine.WriteImage(0, _heldBack, n);
            machine.Run(_cancellation);
            for (int i = 0; i < _scores[n].Length; i++)
            {
                int[] integers = new int[_scores[n][i].Length];
                machine.ReadIntegers(0, i, integers);
                double scale = program.Io.Outputs[i].Scale;
                (double signal, double noise) = Sensitivity.Compare(_scores[n][i],
                    Array.ConvertAll(integers, value => (float)(value * scale)));
                // Of several outputs each counts in shares of its own power.
                double share = _scores[n].Length == 1 ? 1 : 1 / Math.Max(signal, 1e-30);
                sums[n] = (sums[n].signal + signal * share, sums[n].noise + noise * share);
            }

            return machine;
        }, _ => { });
        _points.Add((new BudgetPoint(name, TimingModel.Run(program).Cycles,
            Decibels.Of(sums.Sum(each => each.signal), sums.Sum(each => each.noise)), isUniform,
            [.. options.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => $"{pair.Key}={pair.Value.Weights?.ToString() ?? "-"},{pair.Value.Activations?.ToString() ?? "-"}")]),
                options));
        _progress?.Report((name, ++_done, _done));
    }

    private EbspProgram Compile(Graph graph) => ModelCompiler.Compile(graph, new CompileOptions(_arch, 1, new string('0', 64), ""));

    // Formats and terms alone decide the cycles: a rough fit gives the same program but for its numbers.
    private EbspProgram Rough(QuantizerOptions options) => Compile(
        Quantizer.Run(_source, _fitted.Part(0, 1), options with { ErrorFeedback = false, Refit = false, Equalize = false }, null,
            _cancellation).Graph);

    private long Cycles(QuantizerOptions options) => TimingModel.Run(Rough(options)).Cycles;

    private Dictionary<string, long> LayerCycles(QuantizerOptions options)
    {
        EbspProgram program = Rough(options);
        string[] names = [.. _graph.Nodes.Select(node => node.Name).OrderByDescending(name => name.Length)];
        Dictionary<string, long> cycles = new(StringComparer.Ordinal);
        long last = 0;
        // Layers overlap; each is given what passes until it ends.
        foreach (LayerTime layer in TimingModel.Run(program).Layers.OrderBy(layer => layer.End))
        {
            // The passes of a layer have its name with a number behind it.
            string owner = names.FirstOrDefault(name => layer.Name == name || layer.Name.StartsWith(name + ".", StringComparison.Ordinal))
                ?? layer.Name;
            cycles[owner] = cycles.GetValueOrDefault(owner) + layer.End - last;
            last = layer.End;
        }

        return cycles;
    }

    private static bool Beats(BudgetPoint a, BudgetPoint b) =>
        a.Cycles <= b.Cycles && a.SignalToNoise >= b.SignalToNoise && (a.Cycles < b.Cycles || a.SignalToNoise > b.SignalToNoise);
}
