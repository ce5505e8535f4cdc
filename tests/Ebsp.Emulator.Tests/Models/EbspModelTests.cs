using Ebsp.Isa.Programs;
using Ebsp.TestKit.Programs;

namespace Ebsp.Emulator.Tests.Models;

[TestClass]
public sealed class EbspModelTests
{
    [TestMethod]
    [DataRow(EngineKind.Fast)]
    [DataRow(EngineKind.Literal)]
    public void Run_AnyNumberOfImages_GivesTheMachinesAnswers(EngineKind engine)
    {
        MachineOptions options = new() { Engine = engine };
        EbspProgram program = SampleProgram.Program;
        TestModel model = new(program, options);
        for (int images = 1; images <= 2 * program.Io.Batch + 1; images++)
        {
            byte[] pixels = ModelRuns.Pixels(program, images, seed: images);
            float[] values = ModelRuns.Values(program, images, seed: images);
            (float[] scores, int[] integers) = ModelRuns.Direct(program, options, pixels);
            CollectionAssert.AreEqual(scores, model.Run(pixels));
            CollectionAssert.AreEqual(integers, model.RunIntegers(pixels));
            (scores, integers) = ModelRuns.Direct(program, options, values);
            CollectionAssert.AreEqual(scores, model.Run(values));
            CollectionAssert.AreEqual(integers, model.RunIntegers(values));
        }
    }
}
