using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Emulator.Timing;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Evaluation.Execution;

/// <summary>A compiled program, timed and priced.</summary>
/// <param name="Program">The program.</param>
/// <param name="Timing">Its time.</param>
/// <param name="Result">Its layers, with the counts that energies are made of.</param>
/// <param name="Weights">Layers with weights that the program holds; empty where it has no model section.</param>
internal sealed record ProgramRun(
    EbspProgram Program, TimingReport Timing, NetworkResult Result, ImmutableArray<LayerWeights> Weights)
{
    // Formats with a measured area and energy.
    private const int LeastBits = 4, MostBits = 8;

    /// <summary>Times a program on its machine.</summary>
    /// <param name="program">The program.</param>
    /// <param name="name">Name for tables.</param>
    public static ProgramRun Of(EbspProgram program, string name)
    {
        ArchSpec arch = program.Arch;
        ImmutableArray<LayerWeights> weights = program.Model.IsEmpty ? []
            : [.. ModelSection.Read(program).Nodes.Where(node => node.Op is IntegerConv).Select(node =>
                new LayerWeights(node.Name, ((IntegerConv)node.Op).WeightFormat, ((IntegerConv)node.Op).Weights))];
        // Most weights decide which product is priced.
        int bits = weights.GroupBy(layer => layer.Format.Bits).OrderByDescending(group => group.Sum(layer => (long)layer.Values.Length))
            .Select(group => group.Key).FirstOrDefault(6);
        WeightStationary machine = EbspMachine.Analytic(arch, Math.Max(Math.Clamp(bits, LeastBits, MostBits), arch.PatternLength + 1));
        Conditions conditions = new(arch.ClockHz, arch.DramBytesPerSecond, arch.BufferBytes);
        TimingReport timing = TimingModel.Run(program);
        return new ProgramRun(program, timing,
            ExecutedEbsp.Price(machine, new Network(name, name, "compiled program", []), conditions, timing), weights);
    }
}

/// <summary>Weights of a layer.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Format">Their format.</param>
/// <param name="Values">The integers.</param>
internal sealed record LayerWeights(string Name, PatternFormat Format, ImmutableArray<sbyte> Values)
{
    /// <summary>How many weights have each magnitude of the format, both signs together.</summary>
    public IEnumerable<(int Magnitude, long Count)> Histogram()
    {
        long[] counts = new long[129];
        foreach (sbyte value in Values)
            counts[Math.Abs((int)value)]++;
        return Format.Magnitudes().Order().Select(magnitude => (magnitude, counts[magnitude]));
    }
}
