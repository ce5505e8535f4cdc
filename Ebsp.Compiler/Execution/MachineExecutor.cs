using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Emulator;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Execution;

/// <summary>The emulated machine: one a thread, each with its own batches; the last batch is filled with zero images.</summary>
/// <param name="program">A valid program.</param>
/// <param name="options">How to run it; null takes the fast engine with the host's best kernels.</param>
public sealed class MachineExecutor(EbspProgram program, MachineOptions? options = null) : Executor
{
    private readonly MachineOptions _options = options ?? new MachineOptions();

    /// <inheritdoc/>
    public override string Name => _options.Engine == EngineKind.Literal ? "literal machine" : "fast engine";

    /// <inheritdoc/>
    public override Shape Input => new(program.Io.Input.Channels, program.Io.Input.Height, program.Io.Input.Width);

    /// <inheritdoc/>
    public override ImmutableArray<ExecutorOutput> Outputs { get; } = [.. program.Io.Outputs.Select(output => new ExecutorOutput(
        output.Name, new Shape(output.Channels, output.Height, output.Width), (OutputTransform)output.Transform))];

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => program.Io.Labels;

    /// <summary>Runs of the program that so many images take.</summary>
    public int RunsFor(int images) => (images + program.Io.Batch - 1) / program.Io.Batch;

    /// <inheritdoc/>
    public override float[][] RunOutputs(ImageSet images, int threads = 1, Action<int>? done = null,
        CancellationToken cancellation = default)
    {
        int[] sizes = [.. Outputs.Select(output => (int)output.Shape.Elements)];
        int batch = program.Io.Batch;
        float[][] scores = Room(images.Count);
        // Each worker has one machine and takes the next batch when it is done; nobody waits for anybody else. Weights are unpacked once
        // for all.
        int runs = RunsFor(images.Count), workers = Math.Min(threads, runs), next = -1;
        Machine first = new(program, _options);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, worker =>
        {
            Machine machine = worker == 0 ? first : first.Another();
            for (int run = Interlocked.Increment(ref next); run < runs; run = Interlocked.Increment(ref next))
            {
                int image = run * batch, count = Math.Min(batch, images.Count - image);
                machine.WriteBatch(images, image, count);
                machine.Run(cancellation);
                for (int i = 0; i < sizes.Length; i++)
                {
                    for (int n = 0; n < count; n++)
                        machine.ReadScores(n, i, scores[i].AsSpan((image + n) * sizes[i], sizes[i]));
                }

                done?.Invoke(count);
            }
        });
        return scores;
    }

    // The machine's memories hold tiles; the reference of the same program holds whole tensors, bit for bit the same (ebspc verify).
    /// <inheritdoc/>
    public override NpyArray Dump(ImageSet images, string tensor, CancellationToken cancellation = default) =>
        new IntegerExecutor(ModelSection.Read(program)).Dump(images, tensor, cancellation);
}
