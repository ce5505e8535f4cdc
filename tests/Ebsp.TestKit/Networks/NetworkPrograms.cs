using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.TestKit.Networks;

/// <summary>The pretrained networks as programs, each compiled once.</summary>
public static class NetworkPrograms
{
    private static readonly Dictionary<string, EbspProgram> Programs = [];

    /// <summary>A network in a format, for one image, on the default machine of the pattern length.</summary>
    public static EbspProgram Of(string network, int bits, int patternLength)
    {
        string key = $"{network} {bits}({patternLength})";
        lock (Programs)
        {
            if (!Programs.TryGetValue(key, out EbspProgram? program))
            {
                OperandFormat format = new(bits, patternLength);
                // Networks already quantized need no images; large maps calibrate slowly.
                bool isLarge = Networks.IsLarge(network);
                ImageSet? calibration = Networks.IsQuantized(network) ? null : Networks.Images(network, isLarge ? 2 : 8);
                // Refitting and error feedback change which weights are chosen, not what the machine does with them, and take most of the
                // time.
                QuantizerOptions options = new() { Weights = format, Activations = format, ErrorFeedback = false, Refit = !isLarge };
                Graph graph = Quantizer.Run(Networks.Import(network), calibration, options).Graph;
                Programs[key] = program = Compile(graph, ArchPresets.Find(patternLength == 4 ? "default-4" : "default")!, 1);
            }

            return program;
        }
    }

    /// <summary>A graph as a program that has gone through a file.</summary>
    public static EbspProgram Compile(Graph graph, ArchSpec arch, int batch) => ProgramReader.Open(
        ProgramWriter.Write(ModelCompiler.Compile(graph, new CompileOptions(arch, batch, new string('0', 64), ""))));
}
