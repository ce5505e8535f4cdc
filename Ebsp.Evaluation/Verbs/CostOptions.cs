using System.CommandLine;
using Ebsp.Evaluation.Costs;

namespace Ebsp.Evaluation.Verbs;

/// <summary>The options that choose constants.</summary>
internal sealed class CostOptions
{
    private readonly Option<string> _set = new("--set") { Description = "Energies of the core.", DefaultValueFactory = _ => "raw45" };

    private readonly Option<string> _dram = new("--dram") { Description = "DRAM energy.", DefaultValueFactory = _ => "lpddr4" };

    private readonly Option<DeviceType> _device =
        new("--device") { Description = "SRAM devices: Hp leaks twenty times as much as Lop.", DefaultValueFactory = _ => DeviceType.Hp };

    private readonly Option<CostColumn> _column = new("--elements")
    {
        Description = "Paper: the paper's numbers of elements, products alone; Physical: what 0.32 mm2 hold with accumulator and storage.",
        DefaultValueFactory = _ => CostColumn.Paper,
    };

    /// <summary>Adds them to a verb.</summary>
    public CostOptions(Command verb)
    {
        _set.AcceptOnlyFromAmong([.. CostSet.Names]);
        _dram.AcceptOnlyFromAmong([.. CostSet.Drams]);
        foreach (Option option in new Option[] { _set, _dram, _device, _column })
            verb.Options.Add(option);
    }

    /// <summary>The constants of a call.</summary>
    public CostSet Read(Call call) =>
        new() { Name = call.Get(_set)!, DramName = call.Get(_dram)!, Device = call.Get(_device), Column = call.Get(_column) };
}
