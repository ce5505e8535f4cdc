using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Import;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Spelling;

namespace Ebsp.Cli.Arguments;

/// <summary>The model that a call names.</summary>
internal static class ModelArgument
{
    /// <summary>Opens a model, and notes what was read.</summary>
    /// <param name="call">Notes the files.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Preprocessing and labels of a graph; null for those of the file.</param>
    /// <param name="machine">A machine with other timing fields for a program; null for its own.</param>
    /// <exception cref="EbspException">The file cannot be read, or is refused.</exception>
    /// <exception cref="EbspFormatException">The program breaks a rule.</exception>
    public static ModelFile Open(Call call, string path, ImportOptions? options = null, ArchSpec? machine = null)
    {
        byte[] data = Read(path);
        string hash = call.Record(path, data);
        ModelFile model = ModelFile.Parse(data, path, options, machine, report => call.Record(report, hash));
        if (model.IsOnnx && options is { Preprocessing: null })
            call.Note($"{path}: note: raw pixels go into the network as they are; --scale, --mean and --std say otherwise");
        return model;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return FileBytes.Read(path);
        }
        catch (EbspException e) when (e.Diagnostics[0].Code == DiagnosticDescriptors.ModelUnreadable.Code && Nearest(path) is { } nearest)
        {
            Diagnostic found = e.Diagnostics[0];
            throw new EbspException(found with
            {
                Cause = $"{found.Cause.TrimEnd('.')} ({Path.GetFullPath(path)})",
                Fix = $"Did you mean '{nearest}'?",
            });
        }
    }

    // The file of the same folder whose name is nearest, if it is near.
    private static string? Nearest(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal) || Directory.Exists(path))
            return null;
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is null || !Directory.Exists(folder))
            return null;
        string name = Path.GetFileName(path);
        return Directory.EnumerateFiles(folder).Take(1000).Select(file => Path.GetFileName(file))
            .Select(file => (File: file, Distance: EditDistance.Of(file, name)))
            .OrderBy(pair => pair.Distance).ThenBy(pair => pair.File, StringComparer.Ordinal)
            .Where(pair => pair.Distance <= 3 && pair.Distance < name.Length).Select(pair => pair.File).FirstOrDefault();
    }
}
