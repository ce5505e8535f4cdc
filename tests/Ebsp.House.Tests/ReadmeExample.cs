using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Programs;

namespace Ebsp.House.Tests;

internal static class ReadmeExample
{
    /// <summary>The example of README.md, between the two marks.</summary>
    public static (int Answer, long Cycles) Classify(string path, ReadOnlySpan<byte> pixels)
    {
        // begin
        EbspProgram program = ProgramReader.Open(File.ReadAllBytes(path));   // validates; EbspFormatException says what is wrong
        Machine machine = new(program);                                      // fast engine; MachineOptions for the literal one
        machine.WriteImage(0, pixels);                                       // C x H x W bytes; the program holds the preprocessing
        machine.Run();
        float[] scores = new float[program.Io.Output.Channels];
        machine.ReadScores(0, scores);
        int answer = Array.IndexOf(scores, scores.Max());
        TimingReport timing = TimingModel.Run(program);                      // cycles, stalls, traffic; independent of the image
        // end
        return (answer, timing.Cycles);
    }
}
