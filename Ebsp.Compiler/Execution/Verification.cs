using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Execution;

/// <summary>Compares machines with the integer reference: every tile, then the answers that the host reads.</summary>
/// <param name="program">A valid program with its model.</param>
/// <param name="file">Name of its file, for the diagnostic.</param>
public sealed class Verification(EbspProgram program, string file)
{
    private readonly Graph _graph = ModelSection.Read(program);

    /// <summary>Tiles compared so far, over all machines.</summary>
    public long Tiles { get; private set; }

    /// <summary>Elements compared so far, over all machines.</summary>
    public long Elements { get; private set; }

    /// <summary>The first difference, or null.</summary>
    public Diagnostic? First { get; private set; }

    /// <summary>Runs all images on each machine, until one differs.</summary>
    /// <param name="images">The images.</param>
    /// <param name="machines">Name and options of each machine.</param>
    /// <param name="done">Called with the number of images that have just been compared on one machine; null for nobody.</param>
    /// <param name="cancellation">Stops between images.</param>
    public void Run(ImageSet images, IReadOnlyList<(string Name, MachineOptions Options)> machines, Action<int>? done = null,
        CancellationToken cancellation = default)
    {
        IntegerReference reference = new(_graph);
        Machine[] ready = [.. machines.Select(machine => new Machine(program, machine.Options))];
        for (int first = 0; first < images.Count && First is null; first += program.Io.Batch)
        {
            int count = Math.Min(program.Io.Batch, images.Count - first);
            ReferenceRun[] expected = [.. Enumerable.Range(0, program.Io.Batch).Select(n =>
            {
                cancellation.ThrowIfCancellationRequested();
                return reference.Run(n < count
                    ? InputImages.Integers(_graph, InputImages.Values(_graph, images, first + n))
                    : new int[_graph.TypeOf(_graph.InputName).Shape.Elements]);
            })];
            for (int m = 0; m < ready.Length && First is null; m++)
            {
                Compare(ready[m], machines[m].Name, images, first, count, expected, cancellation);
                done?.Invoke(count);
            }
        }
    }

    private void Compare(Machine machine, string name, ImageSet images, int first, int count, ReferenceRun[] expected,
        CancellationToken cancellation)
    {
        machine.WriteBatch(images, first, count);
        TileComparison tiles = new(program, expected);
        machine.Observer = tiles;
        machine.Run(cancellation);
        Tiles += tiles.Tiles;
        Elements += tiles.Elements;
        if (tiles.First is { } difference)
            First = DiagnosticDescriptors.Mismatch.At(file, difference.Layer, $"{name}, images from {first}: {difference}");
        for (int i = 0; i <= program.Io.OtherOutputs.Length; i++)
            CompareOutput(machine, name, i, first, count, expected);
    }

    private void CompareOutput(Machine machine, string name, int index, int first, int count, ReferenceRun[] expected)
    {
        ProgramOutput output = program.Io.Outputs[index];
        int[] answers = new int[output.Channels * output.Height * output.Width];
        int plane = output.Height * output.Width;
        for (int n = 0; n < count && First is null; n++)
        {
            machine.ReadIntegers(n, index, answers);
            int[] scores = expected[n].Tensors[_graph.Outputs[index].Name];
            for (int i = 0; i < answers.Length && First is null; i++)
            {
                int want = scores[i % plane * output.Channels + i / plane];
                if (answers[i] != want)
                    First = DiagnosticDescriptors.Mismatch.At(file, output.Name,
                        $"{name}: image {first + n}, score {i} is {answers[i]}, the reference has {want}");
            }
        }
    }
}
