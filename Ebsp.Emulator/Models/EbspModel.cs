using System.Collections.Immutable;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Models;

/// <summary>The base of every class that is made from an EbspModel item: a program and as many machines as ever ran it at once.</summary>
public abstract class EbspModel : IEbspModel
{
    // Spans over the blob are no reference to it, so every member that reads the program keeps the blob alive to its end.
    private readonly ModelBlob _blob;
    private readonly EbspProgram _program;
    private readonly MachinePool _machines;
    private readonly BackgroundRuns _background = new();
    private readonly Lazy<TimingReport> _timing;

    /// <summary>Opens a program.</summary>
    /// <param name="blob">The .ebsp file.</param>
    /// <param name="options">How to run it; null takes the fast engine with the host's best kernels.</param>
    /// <exception cref="EbspFormatException">The file is no valid program.</exception>
    /// <exception cref="PlatformNotSupportedException">The host lacks the kernel tier that the options name.</exception>
    protected EbspModel(ModelBlob blob, MachineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(blob);
        if (options?.Tier is { } tier && !KernelTiers.IsSupported(tier))
            throw new PlatformNotSupportedException($"this host, or this build, has no {tier} kernels");
        _blob = blob;
        _program = blob.Open();
        _machines = new MachinePool(_program, options);
        _timing = new Lazy<TimingReport>(MeasureTime);
        InputElements = Input.Channels * Input.Height * Input.Width;
        OutputElements = Output.Channels * Output.Height * Output.Width;
    }

    /// <inheritdoc/>
    public ProgramInput Input => _program.Io.Input;

    /// <inheritdoc/>
    public ProgramOutput Output => _program.Io.Output;

    /// <inheritdoc/>
    public ImmutableArray<ProgramOutput> Outputs => _program.Io.Outputs;

    /// <inheritdoc/>
    public int Batch => _program.Io.Batch;

    /// <inheritdoc/>
    public ImmutableArray<string> Labels => _program.Io.Labels;

    /// <inheritdoc/>
    public ArchSpec Arch => _program.Arch;

    /// <inheritdoc/>
    public TimingReport Timing => _timing.Value;

    /// <summary>Where the machines wait.</summary>
    internal MachinePool Machines => _machines;

    private int InputElements { get; }

    private int OutputElements { get; }

    /// <inheritdoc/>
    public float[] Run(ReadOnlySpan<byte> pixels)
    {
        float[] scores = new float[ResultsOf(pixels.Length, nameof(pixels))];
        Run(new ModelImages(pixels, InputElements), scores, [], CancellationToken.None);
        return scores;
    }

    /// <inheritdoc/>
    public float[] Run(ReadOnlySpan<float> values)
    {
        float[] scores = new float[ResultsOf(values.Length, nameof(values))];
        Run(new ModelImages(values, InputElements), scores, [], CancellationToken.None);
        return scores;
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> pixels, Span<float> scores)
    {
        CheckScores(scores.Length, ResultsOf(pixels.Length, nameof(pixels)));
        Run(new ModelImages(pixels, InputElements), scores, [], CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<float> values, Span<float> scores)
    {
        CheckScores(scores.Length, ResultsOf(values.Length, nameof(values)));
        Run(new ModelImages(values, InputElements), scores, [], CancellationToken.None);
    }

    /// <inheritdoc/>
    public int[] RunIntegers(ReadOnlySpan<byte> pixels)
    {
        int[] integers = new int[ResultsOf(pixels.Length, nameof(pixels))];
        Run(new ModelImages(pixels, InputElements), [], integers, CancellationToken.None);
        return integers;
    }

    /// <inheritdoc/>
    public int[] RunIntegers(ReadOnlySpan<float> values)
    {
        int[] integers = new int[ResultsOf(values.Length, nameof(values))];
        Run(new ModelImages(values, InputElements), [], integers, CancellationToken.None);
        return integers;
    }

    /// <inheritdoc/>
    public Task<float[]> RunAsync(ReadOnlyMemory<byte> pixels, CancellationToken cancellation = default) => _background.Start(
        pixels, new float[ResultsOf(pixels.Length, nameof(pixels))],
        (images, scores) => Run(new ModelImages(images, InputElements), scores, [], cancellation), cancellation);

    /// <inheritdoc/>
    public Task<float[]> RunAsync(ReadOnlyMemory<float> values, CancellationToken cancellation = default) => _background.Start(
        values, new float[ResultsOf(values.Length, nameof(values))],
        (images, scores) => Run(new ModelImages(images, InputElements), scores, [], cancellation), cancellation);

    /// <inheritdoc/>
    public float[][] RunOutputs(ReadOnlySpan<byte> pixels)
    {
        float[][] results = Room(ResultsOf(pixels.Length, nameof(pixels)) / OutputElements);
        RunAll(new ModelImages(pixels, InputElements), results);
        return results;
    }

    /// <inheritdoc/>
    public float[][] RunOutputs(ReadOnlySpan<float> values)
    {
        float[][] results = Room(ResultsOf(values.Length, nameof(values)) / OutputElements);
        RunAll(new ModelImages(values, InputElements), results);
        return results;
    }

    /// <summary>All outputs of raw images into arrays of the caller.</summary>
    /// <param name="pixels">[n][C][H][W], one byte each, 0..255; R, G, B.</param>
    /// <param name="results">For each of <see cref="Outputs"/> n x its elements.</param>
    /// <exception cref="ArgumentException">A number of elements does not fit.</exception>
    protected void RunOutputs(ReadOnlySpan<byte> pixels, float[][] results)
    {
        CheckResults(results, ResultsOf(pixels.Length, nameof(pixels)) / OutputElements);
        RunAll(new ModelImages(pixels, InputElements), results);
    }

    /// <summary>All outputs of preprocessed images into arrays of the caller.</summary>
    /// <param name="values">[n][C][H][W], in the units and the channel order that the network was trained on.</param>
    /// <param name="results">For each of <see cref="Outputs"/> n x its elements.</param>
    /// <exception cref="ArgumentException">A number of elements does not fit, or a value is not a number.</exception>
    protected void RunOutputs(ReadOnlySpan<float> values, float[][] results)
    {
        CheckResults(results, ResultsOf(values.Length, nameof(values)) / OutputElements);
        RunAll(new ModelImages(values, InputElements), results);
    }

    private static int ElementsOf(ProgramOutput output) => output.Channels * output.Height * output.Width;

    private float[][] Room(int images) => [.. Outputs.Select(output => new float[checked(images * ElementsOf(output))])];

    private void CheckResults(float[][] results, int images)
    {
        ArgumentNullException.ThrowIfNull(results);
        ImmutableArray<ProgramOutput> outputs = Outputs;
        if (results.Length != outputs.Length)
            throw new ArgumentException($"the model has {outputs.Length} outputs, not {results.Length}", nameof(results));
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i]?.Length != checked(images * ElementsOf(outputs[i])))
                throw new ArgumentException($"output '{outputs[i].Name}' of the images has {images * ElementsOf(outputs[i])} elements, not {
                    results[i]?.Length ?? 0}", nameof(results));
        }
    }

    private static void CheckScores(int scores, int expected)
    {
        if (scores != expected)
            throw new ArgumentException($"the images have {expected} scores, not {scores}", nameof(scores));
    }

    private void RunAll(ModelImages images, float[][] results) => Run(images, [], [], CancellationToken.None, results);

    // Scores, integers or all outputs, whichever has room.
    private void Run(ModelImages images, Span<float> scores, Span<int> integers, CancellationToken cancellation,
        float[][]? results = null)
    {
        Machine machine = _machines.Rent();
        for (int first = 0; first < images.Count; first += Batch)
        {
            int count = Math.Min(Batch, images.Count - first);
            WriteBatch(machine, images, first, count);
            RunOnce(machine, cancellation);
            for (int n = 0; n < count; n++)
            {
                if (results is not null)
                    ReadAll(machine, n, first + n, results);
                else if (integers.IsEmpty)
                    machine.ReadScores(n, scores.Slice((first + n) * OutputElements, OutputElements));
                else
                    machine.ReadIntegers(n, integers.Slice((first + n) * OutputElements, OutputElements));
            }
        }

        _machines.Return(machine);
        GC.KeepAlive(_blob);
    }

    private void ReadAll(Machine machine, int n, int image, float[][] results)
    {
        ImmutableArray<ProgramOutput> outputs = Outputs;
        for (int i = 0; i < results.Length; i++)
            machine.ReadScores(n, i, results[i].AsSpan(image * ElementsOf(outputs[i]), ElementsOf(outputs[i])));
    }

    private void WriteBatch(Machine machine, ModelImages images, int first, int count)
    {
        try
        {
            for (int n = 0; n < count; n++)
                images.Write(machine, n, first + n);
        }
        catch (ArgumentException)
        {
            // A value is not a number. The machine has not run: the next images replace what was written.
            _machines.Return(machine);
            throw;
        }

        // Whatever an earlier run left behind the last image. Nothing else of the region is ever written.
        if (count < Batch)
            machine.Input[(int)(count * Input.ImageBytes)..].Clear();
    }

    private void RunOnce(Machine machine, CancellationToken cancellation)
    {
        try
        {
            machine.Run(cancellation);
        }
        catch (OperationCanceledException)
        {
            // Between two instructions: a run starts by clearing all that an earlier one wrote. After any other exception the machine is
            // given up.
            _machines.Return(machine);
            throw;
        }
    }

    private TimingReport MeasureTime()
    {
        TimingReport report = TimingModel.Run(_program);
        GC.KeepAlive(_blob);
        return report;
    }

    // Elements of the results of all images.
    private int ResultsOf(int elements, string name)
    {
        if (elements == 0 || elements % InputElements != 0)
            throw new ArgumentException(
                $"an image has {InputElements} elements ([C][H][W] = {Input.Channels} x {Input.Height} x {Input.Width}): one or more " +
                $"images are expected, not {elements} elements", name);
        return checked(elements / InputElements * OutputElements);
    }
}
