using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Sweeps;
using Ebsp.Evaluation.Tests.Report;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Tests.Experiments;

/// <summary>One table of every name, with a value in every column.</summary>
internal static class LabTables
{
    public static IReadOnlyList<ExperimentTable> All()
    {
        CostSet costs = new();
        Network[] networks = [NetworkReader.Read("resnet20")];
        Comparison comparison = Build(5_242_880, 1);
        WeightStationary ours = (WeightStationary)comparison.Machines[^1];
        Conditions conditions = comparison.Ours[0].Conditions;
        AccuracyTable accuracy = new([new MeasuredAccuracy("n", "6-bit(3)", 90, "s"), new MeasuredAccuracy("n", "float", 91, "s")]);
        ExperimentTable area = AreaExperiment.Run(), time = GainExperiments.Time(comparison), energy = GainExperiments.Energy(comparison,
            costs);
        ProgramRun run = SmallProgram.Run();
        return
        [
            HeadlineExperiment.Of(area, time, energy), area,
            FormExperiment.Table(comparison.Ours, [ExecutedEbsp.Run(ours, networks[0], conditions)]), time, energy,
            RunExperiments.Breakdown(comparison, costs), SensitivityExperiment.Run(comparison, costs),
            SensitivityExperiment.Conditions(Build, costs, 5_242_880, 1),
            PatternExperiment.Table(PatternExperiment.Points(networks, conditions, costs), accuracy), accuracy.ToTable(),
            LayerExperiment.Run(comparison.Ours, costs), ProgramTables.Summary(run, costs), ProgramTables.Units(run),
            NetworkTables.All(networks), NetworkTables.Layers(networks[0]), Sweep(accuracy),
        ];

        static ExperimentTable Sweep(AccuracyTable accuracy)
        {
            SweepPoint point = new("n", "", 6, 3, 1, 5_242_880, "raw45", "lpddr4", DeviceType.Hp, CostColumn.Paper, false);
            return SweepTable.Of([(point, new SweepResult(1, 1, 1, 1, 1, 1, 1, default, 1))], accuracy);
        }

        Comparison Build(int buffer, int batch) => Comparison.Run(
            MachineCatalog.Names.Select(name => MachineCatalog.Find(name, CostColumn.Paper, buffer)),
            networks.Select(network => network.WithBatch(batch)), new Conditions(BufferBytes: buffer));
    }
}
