using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests.Models;

/// <summary>Images for a program, and what a fresh machine of its own answers for each group of them.</summary>
internal static class ModelRuns
{
    public static int InputElements(EbspProgram program) => program.Io.Input.Channels * program.Io.Input.Height * program.Io.Input.Width;

    public static int OutputElements(EbspProgram program) =>
        program.Io.Output.Channels * program.Io.Output.Height * program.Io.Output.Width;

    public static byte[] Pixels(EbspProgram program, int images, int seed)
    {
        byte[] pixels = new byte[images * InputElements(program)];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    public static float[] Values(EbspProgram program, int images, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, images * InputElements(program)).Select(_ => random.NextSingle() * 1.2f - 0.1f)];
    }

    public static (float[] Scores, int[] Integers) Direct(EbspProgram program, MachineOptions? options, byte[] pixels) =>
        Direct(program, options, pixels.Length, (machine, n, image, elements) =>
            machine.WriteImage(n, pixels.AsSpan(image * elements, elements)));

    public static (float[] Scores, int[] Integers) Direct(EbspProgram program, MachineOptions? options, float[] values) =>
        Direct(program, options, values.Length, (machine, n, image, elements) =>
            machine.WriteImage(n, values.AsSpan(image * elements, elements)));

    private static (float[] Scores, int[] Integers) Direct(EbspProgram program, MachineOptions? options, int length,
        Action<Machine, int, int, int> write)
    {
        int elements = InputElements(program), results = OutputElements(program), images = length / elements;
        float[] scores = new float[images * results];
        int[] integers = new int[images * results];
        for (int first = 0; first < images; first += program.Io.Batch)
        {
            int count = Math.Min(program.Io.Batch, images - first);
            Machine machine = new(program, options);
            for (int n = 0; n < count; n++)
                write(machine, n, first + n, elements);
            machine.Run();
            for (int n = 0; n < count; n++)
            {
                machine.ReadScores(n, scores.AsSpan((first + n) * results, results));
                machine.ReadIntegers(n, integers.AsSpan((first + n) * results, results));
            }
        }

        return (scores, integers);
    }
}
