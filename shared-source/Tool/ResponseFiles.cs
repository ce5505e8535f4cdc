using System.Text;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Tool;

/// <summary>Arguments from files: @FILE stands for its lines, one argument each, UTF-8.</summary>
internal static class ResponseFiles
{
    private const int MaxDepth = 4;
    private const int MaxBytes = 1 << 20;

    /// <summary>The arguments with every @FILE replaced.</summary>
    public static IEnumerable<string> Expand(IEnumerable<string> args) => args.SelectMany(arg => Expand(arg, 1));

    private static IEnumerable<string> Expand(string arg, int depth)
    {
        if (arg.Length < 2 || arg[0] != '@')
            return [arg];
        string path = arg[1..];
        if (depth > MaxDepth)
            throw DiagnosticDescriptors.Usage.Error(path, null, $"argument files are nested deeper than {MaxDepth}");
        if (!File.Exists(path))
            throw DiagnosticDescriptors.FileSystem.Error(path, null, "the argument file does not exist");
        if (new FileInfo(path).Length > MaxBytes)
            throw DiagnosticDescriptors.Usage.Error(path, null, "an argument file has at most 1 MiB");
        return File.ReadAllLines(path, Encoding.UTF8).Where(line => line.Length > 0).SelectMany(line => Expand(line, depth + 1));
    }
}
