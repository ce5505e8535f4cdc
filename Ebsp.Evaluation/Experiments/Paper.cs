namespace Ebsp.Evaluation.Experiments;

/// <summary>The paper's averages, percent (EBSP, DAC 2022, abstract). They are given over networks that it does not name one by
/// one.</summary>
/// <param name="Machine">Name of the machine.</param>
/// <param name="TimeSaved">Performance gain, 1 - time / time.</param>
/// <param name="EnergySaved">Energy reduction.</param>
internal sealed record Paper(string Machine, double TimeSaved, double EnergySaved)
{
    /// <summary>All of them; both readings of WAX and of OLAccel stand beside the same figure.</summary>
    public static IReadOnlyList<Paper> All { get; } =
    [
        new("eyeriss", 93.8, 87.3), new("bitfusion", 83.7, 79.7), new("wax-printed", 72.7, 75.2), new("wax-tiles", 72.7, 75.2),
        new("olaccel", 49.5, 58.9), new("olaccel-groups", 49.5, 58.9),
    ];

    /// <summary>Where the paper contradicts itself.</summary>
    public static IReadOnlyList<string> Contradictions { get; } =
    [
        "The averages of the abstract and the talk's example, ResNet-50 alone, are the same four figures (87.3, 79.7, 75.2, 58.9 %).",
        "The talk gives 5-bit(3) 97.3 % less energy than Eyeriss and 6-bit(3) 87.3 %: one bit less cannot save 4.7 times as much.",
        "102 WAX elements beside 3.66x: at one product a cycle each EBSP would be 47 times as fast.",
        "OLAccel moves 4-bit data and EBSP 6-bit data, yet EBSP takes 2.43 times less energy: traffic cannot give that, only " +
            "core and static energy.",
        "An accuracy loss below 0.8 % (abstract) and of 0.31 % (talk); 5-bit(3) loses 0.13 %, less than 6-bit(3).",
        "The talk's last slide calls the design PIM-based; nothing else in it is.",
    ];

    /// <summary>The figures of a machine, or null.</summary>
    public static Paper? Of(string machine) => All.FirstOrDefault(row => row.Machine == machine);
}
