using Ebsp.Emulator;

namespace Ebsp.Cli.Arguments;

/// <summary>The kernel tiers as options and reports name them.</summary>
internal static class KernelNames
{
    /// <summary>All names, best first.</summary>
    public static string[] All { get; } = [.. Enum.GetValues<KernelTier>().Select(Of)];

    /// <summary>Names of those that this host can run, best first.</summary>
    public static string[] Supported { get; } = [.. KernelTiers.Supported.Select(Of)];

    /// <summary>The tier of a name of <see cref="All"/>.</summary>
    public static KernelTier Parse(string name) => Enum.Parse<KernelTier>(name, ignoreCase: true);

    private static string Of(KernelTier tier) => tier.ToString().ToLowerInvariant();
}
