using Ebsp.Compiler.Diagnostics;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>How many elements each machine of the comparison has.</summary>
/// <param name="Name">The machine.</param>
/// <param name="Published">Elements at 0.32 mm2 in the talk; 0 for machines that are not in it.</param>
/// <param name="AreaRow">Row of the area table of one element.</param>
internal sealed record ElementCount(string Name, int Published, string AreaRow);

/// <summary>Machines by name, from JSON files and from assemblies.</summary>
internal static class MachineCatalog
{
    /// <summary>Area of every core, mm2 (EBSP, DAC 2022).</summary>
    public const double AreaMm2 = 0.32;

    /// <summary>Elements of the talk's table.</summary>
    public static IReadOnlyList<ElementCount> Counts { get; } =
    [
        new("eyeriss", 224, "int16"),
        new("bitfusion", 3168, "bitfusion.4"),
        new("wax-printed", 102, "int8"),
        new("wax-tiles", 102, "wax.tile"),
        new("olaccel", 2499, "olaccel"),
        new("olaccel-groups", 2499, "olaccel"),
        new("int8", 0, "int8"),
        new("int6", 0, "int6"),
        new("ebsp", 4818, "ebsp.6.3"),
    ];

    /// <summary>Names of the machines, in the order of tables; EBSP is the last.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Counts.Select(count => count.Name)];

    /// <summary>Elements that 0.32 mm2 hold by the area table.</summary>
    public static int ElementsOf(string areaRow, CostColumn column) => (int)(AreaMm2 * 1e6 / CostTables.Area(areaRow).Value(column));

    /// <summary>A machine by name, or of a .json or .dll file.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="column"><see cref="CostColumn.Paper"/>: the talk's number of elements (plain arrays: products in 0.32 mm2);
    /// <see cref="CostColumn.Physical"/>: what fits 0.32 mm2 with accumulator and storage.</param>
    /// <param name="bufferBytes">On-chip buffer.</param>
    /// <exception cref="EbspException">EBSP8001, EBSP8002, EBSP8003.</exception>
    public static IMachine Find(string name, CostColumn column, int bufferBytes)
    {
        if (Counts.FirstOrDefault(row => row.Name == name) is not { } count)
        {
            if (name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                return JsonMachine.Read(name, bufferBytes);
            if (name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
                return AssemblyMachine.Load(name);
            throw Nearest.Unknown("machine", name, Names, "or the path of a .json or .dll file");
        }

        int elements = column == CostColumn.Paper && count.Published > 0 ? count.Published : Math.Max(1, ElementsOf(count.AreaRow, column));
        return name switch
        {
            "eyeriss" => Eyeriss.Compared(elements, bufferBytes),
            "bitfusion" => BitFusion.Compared(elements, bufferBytes),
            "wax-printed" => Wax.Printed(elements, bufferBytes),
            "wax-tiles" => Wax.Tiles(elements, bufferBytes),
            "olaccel" => OlAccel.Counted(Math.Max(17, elements), bufferBytes),
            "olaccel-groups" => OlAccel.Groups(Math.Max(7 * 17, elements), bufferBytes),
            "int8" => EbspMachine.Plain(8, elements, bufferBytes),
            "int6" => EbspMachine.Plain(6, elements, bufferBytes),
            _ => EbspMachine.Analytic(EbspArray(elements, bufferBytes)),
        };
    }

    /// <summary>The default machine with another number of elements.</summary>
    public static ArchSpec EbspArray(int elements, int bufferBytes, int patternLength = 3)
    {
        ArchSpec arch = ArchPresets.Default;
        (int rows, int columns) = elements == arch.ProcessingElements ? (arch.Rows, arch.Columns) : Whole.Array(elements);
        return arch with { Rows = rows, Columns = columns, BufferBytes = bufferBytes, PatternLength = patternLength };
    }
}
