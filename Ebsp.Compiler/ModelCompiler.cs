using System.Collections.Immutable;
using System.Text;
using Ebsp.Compiler.CodeGen;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;

namespace Ebsp.Compiler;

/// <summary>What a program is compiled for.</summary>
/// <param name="Arch">The machine.</param>
/// <param name="Batch">Images of a run, 1..4095.</param>
/// <param name="SourceSha256">SHA-256 of the model file, lower-case hexadecimal.</param>
/// <param name="OptionsText">Canonical text of the options that shaped the graph.</param>
/// <param name="Optimize">What the program should have the least of.</param>
public sealed record CompileOptions(ArchSpec Arch, int Batch, string SourceSha256, string OptionsText,
    OptimizeFor Optimize = OptimizeFor.Cycles);

/// <summary>The way from an integer graph to a program, on one screen.</summary>
public static class ModelCompiler
{
    /// <summary>Compiles an integer graph.</summary>
    /// <param name="graph">A quantized graph.</param>
    /// <param name="options">The machine and the batch.</param>
    /// <param name="dump">Receives the listing after each pass, by the pass's name; null for none.</param>
    /// <exception cref="EbspException">The graph does not fit the machine: EBSP2xxx, EBSP3xxx; or the static verifier refuses the program,
    /// a bug of ours: EBSP9001.</exception>
    public static EbspProgram Compile(Graph graph, CompileOptions options, Action<string, string>? dump = null)
    {
        IReadOnlyList<Diagnostic> refused = [.. MachineCheck.Check(graph, options.Arch.PatternLength), .. ProveRanges.Check(graph)];
        if (refused.Count > 0)
            throw new EbspException(refused);
        EbspProgram program = Lower(graph, options, dump);
        Verify(program);
        return program;
    }

    /// <summary>Compiles an integer graph to the bytes of a program, and opens them as every reader of the file will.</summary>
    /// <inheritdoc cref="Compile"/>
    public static (EbspProgram Program, byte[] File) CompileFile(Graph graph, CompileOptions options, Action<string, string>? dump = null)
    {
        EbspProgram program = Compile(graph, options, dump);
        try
        {
            byte[] file = ProgramWriter.Write(program);
            return (ProgramReader.Open(file), file);
        }
        catch (ArgumentException tooLong) when (tooLong.ParamName == "text")
        {
            string name = program.Layers.Layers.Concat(program.Layers.Tensors.Select(tensor => tensor.Name)).Concat(program.Io.Labels)
                .Append(program.Io.Input.Name).Concat(program.Io.Outputs.Select(output => output.Name)).MaxBy(Encoding.UTF8.GetByteCount)!;
            throw DiagnosticDescriptors.ModelLimit.Error(null, name[..Math.Min(40, name.Length)] + "...",
                $"the name is too long: {tooLong.Message.Split(" (")[0]}");
        }
        catch (EbspFormatException refused)
        {
            throw DiagnosticDescriptors.Internal.Error(null, graph.Name, $"the program that was made cannot be opened: {refused.Message}");
        }
    }

    /// <summary>
    /// The way without the question whether the machine can run the graph: experiments run plain activations on the fast engine's host
    /// multipliers. What comes out of it for other graphs than <see cref="Compile"/> takes is no program of a machine.
    /// </summary>
    internal static EbspProgram Lower(Graph graph, CompileOptions options, Action<string, string>? dump)
    {
        ArchSpec arch = options.Arch;
        (graph, ImmutableArray<Layer> layers, TilingSearch search, MemoryPlan plan) = Plan(graph, options, dump);
        CodeGenerator generated = CodeGenerator.Run(graph, arch, plan, options.Batch, search);
        IReadOnlyList<Emission> code = Synchronizer.Run(generated.Code);
        dump?.Invoke(CodeStage, CodeListing.Write(code, layers));
        return new EbspProgram
        {
            Arch = arch,
            Io = IoOf(graph, options.Batch),
            HostSteps = [.. generated.HostSteps],
            Code = [.. code.Select(emission => emission.Instruction), new Instruction(Opcode.End)],
            Weights = Padded(generated.Weights.Bytes.ToArray()),
            Tables = Padded(generated.Tables.ToArray()),
            Regions = new RegionSizes(
                Placement.DramBytes(plan.InputHome.Shape, plan.InputHome.Format, options.Batch),
                plan.OutputHomes.Values.Sum(home => Placement.DramBytes(home.Shape, home.Format, options.Batch)),
                plan.ArenaBytes),
            Layers = MapOf(graph, layers, code),
            Model = ModelSection.Write(graph, generated.Weights.Tiles),
            Provenance = new Provenance(options.SourceSha256, options.OptionsText, Producer.Version),
        };
    }

    // A finding is a bug of the passes above; a program too large for a proof is none.
    private static void Verify(EbspProgram program)
    {
        if (ProgramVerifier.Check(program).FirstOrDefault(finding => finding.Rule != VerifierRule.Limit) is { } finding)
            throw DiagnosticDescriptors.Internal.Error(null, program.Layers.LayerOf(finding.Instruction),
                $"{finding.Code}, {program.Describe(finding.Instruction)}: {finding.Cause}");
    }

    /// <summary>What <see cref="Compile"/> dumps after: the passes, then the tiling and the code, by name.</summary>
    public static IReadOnlyList<string> Stages { get; } = [.. Pipeline.Passes.Select(pass => pass.Name), TilingStage, CodeStage];

    private const string TilingStage = "tiling";
    private const string CodeStage = "code";

    /// <summary>Explains how the layers of a graph are cut and what bounds them.</summary>
    /// <param name="graph">A quantized graph, or the one that a program carries.</param>
    /// <param name="options">The machine, the batch and the goal.</param>
    /// <exception cref="EbspException">The graph does not fit the machine: EBSP3xxx.</exception>
    public static LayerExplainer Explain(Graph graph, CompileOptions options)
    {
        (graph, _, TilingSearch search, MemoryPlan plan) = Plan(graph, options, null);
        return new LayerExplainer(graph, options.Arch, options.Batch, plan, search);
    }

    private static (Graph Graph, ImmutableArray<Layer> Layers, TilingSearch Search, MemoryPlan Plan) Plan(Graph graph,
        CompileOptions options, Action<string, string>? dump)
    {
        graph = Pipeline.Run(graph, dump);
        ImmutableArray<Layer> layers = FuseLayers.Run(graph);
        TilingSearch search = new(graph, options.Arch, options.Batch, options.Optimize);
        MemoryPlan plan = MemoryPlan.Make(graph, layers, options.Arch, options.Batch, search);
        dump?.Invoke(TilingStage, PlanListing.Write(plan));
        return (graph, layers, search, plan);
    }

    private static ProgramIo IoOf(Graph graph, int batch)
    {
        InputEncoding encoding = graph.InputEncoding!;
        Shape input = graph.InputShape;
        ImmutableArray<ProgramOutput> outputs = [.. graph.Outputs.Select(output =>
        {
            TensorType type = graph.TypeOf(output.Name);
            return new ProgramOutput(output.Name, type.Shape.Channels, type.Shape.Height, type.Shape.Width, type.Scale,
                (int)output.Transform);
        })];
        return new ProgramIo(
            batch,
            new ProgramInput(graph.InputName, input.Channels, input.Height, input.Width, encoding.Terms, encoding.Format, encoding.Scale,
                [.. InputImages.PixelTable(graph)], graph.Preprocessing.ReverseChannels),
            outputs[0], graph.Labels)
        {
            OtherOutputs = outputs[1..],
        };
    }

    private static LayerMap MapOf(Graph graph, ImmutableArray<Layer> layers, IReadOnlyList<Emission> code)
    {
        Dictionary<string, int> index = [];
        List<MappedTensor> tensors = [];
        List<MappedTile> tiles = [];
        for (int i = 0; i < code.Count; i++)
        {
            if (code[i].Tile is not { } tile)
                continue;
            if (!index.TryGetValue(tile.Tensor, out int tensor))
            {
                tensor = index[tile.Tensor] = tensors.Count;
                TensorType type = graph.TypeOf(tile.Tensor);
                tensors.Add(new MappedTensor(tile.Tensor, type.Shape.Channels, type.Shape.Height, type.Shape.Width, type.Format
                    ?? PatternFormat.Int32));
            }

            tiles.Add(new MappedTile(i, tensor, tile.Image, tile.Row, tile.Column, tile.Channel));
        }

        Concatenations concatenations = Concatenations.Of(graph);
        IEnumerable<MappedPart> parts = index.OrderBy(tensor => tensor.Value).SelectMany(tensor =>
        {
            // Sums stand alone, in partial-sum memory.
            Shape own = graph.TypeOf(tensor.Key).Shape;
            return concatenations.PlacesOf(tensor.Key)
                .Where(place => place.Pixels != PixelPlace.Whole(own.Width)
                    || graph.TypeOf(place.Root).Shape is var whole && (whole.Height, whole.Width) != (own.Height, own.Width))
                .Select(place => new MappedPart(tensor.Value, place.Root, graph.TypeOf(place.Root).Shape.Height,
                    graph.TypeOf(place.Root).Shape.Width, place.Pixels.First, place.Pixels.RowStep, place.Pixels.ColumnStep));
        });
        return new LayerMap([.. layers.Select(layer => layer.Name)], [.. code.Select(emission => emission.Layer), -1], [.. tensors],
            [.. tiles])
        {
            Parts = [.. parts],
        };
    }

    private static byte[] Padded(byte[] bytes)
    {
        Array.Resize(ref bytes, (bytes.Length + 7) / 8 * 8);
        return bytes;
    }
}
