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

    private static void CheckScores(int scores, int expected)
    {
        if (scores != expected)
            throw new ArgumentException($"the images have {expected} scores, not {scores}", nameof(scores));
    }

    // Scores or integers, whichever has room.
    private void Run(ModelImages images, Span<float> scores, Span<int> integers, CancellationToken cancellation)
    {
        Machine machine = _machines.Rent();
        for (int first = 0; first < images.Count; first += Batch)
        {
            int count = Math.Min(Batch, images.Count - first);
            WriteBatch(machine, images, first, count);
            RunOnce(machine, cancellation);
            for (int n = 0; n < count; n++)
            {
                if (integers.IsEmpty)
                    machine.ReadScores(n, scores.Slice((first + n) * OutputElements, OutputElements));
                else
                    machine.ReadIntegers(n, integers.Slice((first + n) * OutputElements, OutputElements));
            }
        }

        _machines.Return(machine);
        GC.KeepAlive(_blob);
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
