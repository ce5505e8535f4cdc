using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Emulator;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Running;

/// <summary>The emulated machine: one a thread, each with its own batches; the last batch is filled with zero images.</summary>
internal sealed class MachineExecutor(EbspProgram program, MachineOptions options) : Executor
{
    public override string Name => options.Engine == EngineKind.Literal ? "literal machine" : "fast engine";

    public override Shape Input => new(program.Io.Input.Channels, program.Io.Input.Height, program.Io.Input.Width);

    public override Shape Output => new(program.Io.Output.Channels, program.Io.Output.Height, program.Io.Output.Width);

    public override OutputTransform Transform => (OutputTransform)program.Io.Output.Transform;

    public override ImmutableArray<string> Labels => program.Io.Labels;

    /// <summary>Runs of the program that so many images take.</summary>
    public int RunsFor(int images) => (images + program.Io.Batch - 1) / program.Io.Batch;

    public override float[] Run(ImageSet images, int threads, Action<int> done, CancellationToken cancellation)
    {
        int size = (int)Output.Elements, batch = program.Io.Batch;
        float[] scores = new float[(long)images.Count * size];
        // Each worker has one machine and takes the next batch when it is done; nobody waits for anybody else. Weights are unpacked once
        // for all.
        int runs = RunsFor(images.Count), workers = Math.Min(threads, runs), next = -1;
        Machine first = new(program, options);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, worker =>
        {
            Machine machine = worker == 0 ? first : first.Another();
            for (int run = Interlocked.Increment(ref next); run < runs; run = Interlocked.Increment(ref next))
            {
                int image = run * batch, count = Math.Min(batch, images.Count - image);
                WriteBatch(machine, images, image, count);
                machine.Run(cancellation);
                for (int n = 0; n < count; n++)
                    machine.ReadScores(n, scores.AsSpan((image + n) * size, size));
                done(count);
            }
        });
        return scores;
    }

    /// <summary>Writes some images into the input region and zeros behind them.</summary>
    public static void WriteBatch(Machine machine, ImageSet images, int first, int count)
    {
        machine.Input.Clear();
        for (int n = 0; n < count; n++)
        {
            if (images.Values is null)
                machine.WriteImage(n, images.PixelsOf(first + n));
            else
                machine.WriteImage(n, images.ValuesOf(first + n));
        }
    }

    // The machine's memories hold tiles; the reference of the same program holds whole tensors, bit for bit the same (ebspc verify).
    public override NpyArray Dump(ImageSet images, string tensor, CancellationToken cancellation) =>
        new IntegerExecutor(ModelSection.Read(program)).Dump(images, tensor, cancellation);
}
