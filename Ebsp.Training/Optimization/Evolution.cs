using Ebsp.Isa.Numerics;
using Ebsp.Training.Modules;

namespace Ebsp.Training.Optimization;

/// <summary>
/// Formats that start wide and end as the plan has them: bits B and pattern length k are both larger at first, by a number of levels that
/// falls to 0 in equal times over the first half of the steps. Clips stay where they are. Two terms, and plain tensors of 8 bits and
/// more, are wide enough already and do not change.
/// </summary>
/// <param name="levels">How many more bits, and places of the pattern, formats start with; they end at what a format can have.</param>
internal sealed class Evolution(int levels)
{
    // Share of the steps after which formats are those of the plan.
    private const double Share = 0.5;

    private readonly Dictionary<LearnedScale, PatternFormat> _ends = [];

    /// <summary>Levels that a network is over its plan.</summary>
    public int Level { get; private set; }

    /// <summary>Level of a step, from 0.</summary>
    public static int At(int step, int total, int levels) =>
        levels == 0 ? 0 : Math.Max(0, levels - (int)(step * (long)levels / Math.Max(1, (long)(total * Share))));

    /// <summary>Takes a network whose formats are those of the plan.</summary>
    public void Prepare(TrainableNetwork network)
    {
        foreach (LearnedScale scale in network.Scales.Where(scale => scale.Terms == 1 && scale.Format.Bits <= PatternFormat.MaxOperandBits))
            _ends[scale] = scale.Format;
    }

    /// <summary>Brings formats to the level of a step.</summary>
    /// <returns>The scales whose format changed, each with the factor that its values got.</returns>
    public IReadOnlyList<(LearnedScale Scale, float Factor)> Move(int step, int total)
    {
        int level = At(step, total, levels);
        if (level == Level)
            return [];
        Level = level;
        List<(LearnedScale, float)> changed = [];
        foreach ((LearnedScale scale, PatternFormat end) in _ends)
        {
            PatternFormat format = Wider(end, level);
            if (format != scale.Format)
                changed.Add((scale, scale.Take(format)));
        }

        return changed;
    }

    /// <summary>A format with more bits and a longer pattern, as far as there is one.</summary>
    public static PatternFormat Wider(PatternFormat format, int level)
    {
        int bits = Math.Min(format.Bits + level, PatternFormat.MaxOperandBits);
        int length = Math.Min(format.PatternLength + level, PatternFormat.MaxPatternLength);
        return PatternFormat.Create(bits, format.IsPattern ? Math.Min(length, format.Signed ? bits - 1 : bits) : 0, format.Signed,
            format.Kind);
    }
}
