using System.Reflection;

namespace Ebsp.Tool;

/// <summary>Which tool this is.</summary>
internal static class ToolVersion
{
    /// <summary>Name of the tool, as it is called.</summary>
    public static string Name { get; } = typeof(ToolVersion).Assembly.GetName().Name!;

    /// <summary>Version, and after a + the commit where the build knew it.</summary>
    public static string Full { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The version.</summary>
    public static string Number { get; } = Full.Split('+')[0];

    /// <summary>The commit, or null.</summary>
    public static string? Commit { get; } = Full.Split('+') is [_, var commit] ? commit : null;
}
