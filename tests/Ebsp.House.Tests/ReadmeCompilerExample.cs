using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reports;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.House.Tests;

internal static class ReadmeCompilerExample
{
    /// <summary>The example of README.md, between the two marks.</summary>
    public static (Accuracy Accuracy, RunTime Time) Run(string folder)
    {
        // begin
        ModelFile network = ModelFile.Open(folder + "/digits.onnx", new ImportOptions(new Preprocessing(1 / 16.0, [0], [1]), null));
        ImageSet training = DataReader.Read(folder + "/digits-calibration.csv.gz", new DataOptions());
        ImageSet heldOut = DataReader.Read(folder + "/digits-heldout.csv.gz", new DataOptions());
        QuantizationResult quantized = Quantizer.Run(network.Graph!, training, new QuantizerOptions());
        EbspProgram program = ModelCompiler.Compile(quantized.Graph, new CompileOptions(ArchPresets.Default, 1, network.Sha256, ""));
        MachineExecutor machine = new(program);
        float[] scores = machine.Run(heldOut);
        Accuracy accuracy = Accuracy.Of(scores, heldOut.Labels);
        RunTime time = new(TimingModel.Run(program), program.Arch, machine.RunsFor(heldOut.Count), heldOut.Count);
        Console.WriteLine($"{accuracy.Correct} of {accuracy.Images} right, {time.CyclesPerImage} cycles an image");
        // end
        return (accuracy, time);
    }
}
