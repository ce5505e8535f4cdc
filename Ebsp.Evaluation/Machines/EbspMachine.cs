using System.Globalization;
using Ebsp.Evaluation.Costs;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>EBSP in closed form, and the plain integer arrays that are its honest control: the same machine with multipliers.</summary>
internal static class EbspMachine
{
    /// <summary>EBSP.</summary>
    /// <param name="arch">Its sizes.</param>
    /// <param name="bits">Operand bits B.</param>
    /// <param name="inputTerms">Terms of the network's input.</param>
    public static WeightStationary Analytic(ArchSpec arch, int bits = 6, int inputTerms = 2) => new(arch, new MachineSpec("ebsp", "EBSP",
        string.Create(CultureInfo.InvariantCulture, $"{bits}-bit({arch.PatternLength})"), arch.ProcessingElements, arch.ProcessingElements,
            bits,
        string.Create(CultureInfo.InvariantCulture, $"ebsp.{bits}.{arch.PatternLength}"), "EBSP, DAC 2022; docs/timing.md"),
        MacOf(bits, arch.PatternLength), isSteered: true, endBits: 8, inputTerms);

    /// <summary>A plain array of the same dataflow.</summary>
    /// <param name="bits">6 or 8.</param>
    /// <param name="elements">How many elements.</param>
    /// <param name="bufferBytes">On-chip buffer.</param>
    public static WeightStationary Plain(int bits, int elements, int bufferBytes)
    {
        (int rows, int columns) = Whole.Array(elements);
        ArchSpec arch = ArchPresets.Default with { Name = $"int{bits}", Rows = rows, Columns = columns, BufferBytes = bufferBytes };
        string name = string.Create(CultureInfo.InvariantCulture, $"int{bits}");
        return new WeightStationary(arch, new MachineSpec(name, $"plain {name}", name, rows * columns, rows * columns, bits, name,
            "the same array with multipliers"), ActionCost.Row("mac." + name), isSteered: false, endBits: Math.Max(bits, 8), inputTerms: 1);
    }

    // The tables have the products of the formats that were simulated; others take the nearest with the same k (its energy hardly depends
    // on B).
    private static ActionCost MacOf(int bits, int k) => ActionCost.Row((bits, k) switch
    {
        ( <= 5, 3) => "mac.ebsp.5.3",
        ( >= 7, 3) => "mac.ebsp.8.3",
        _ => string.Create(CultureInfo.InvariantCulture, $"mac.ebsp.6.{k}"),
    });
}
