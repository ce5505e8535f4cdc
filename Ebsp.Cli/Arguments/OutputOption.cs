using System.CommandLine;

namespace Ebsp.Cli.Arguments;

/// <summary>The option -o.</summary>
internal static class OutputOption
{
    /// <summary>A file that must be named.</summary>
    public static Option<string> Required(string helpName) =>
        new("-o", "--output") { Description = "The file to write.", HelpName = helpName, Required = true };

    /// <summary>A file that may be named.</summary>
    public static Option<string?> Optional(string helpName, string description) =>
        new("-o", "--output") { Description = description, HelpName = helpName };
}
