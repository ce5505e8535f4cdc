using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data.Images;

/// <summary>A set of pictures from files, decoded one by one when they are asked for.</summary>
internal static class ImageFilesReader
{
    /// <param name="path">A folder, a zip or a picture.</param>
    /// <param name="options">A labels file with names gives choice and order of the pictures; else they come by ordinal name.</param>
    /// <param name="fit">Channels and size.</param>
    public static ImageSet Read(string path, DataOptions options, ImageFit fit)
    {
        ImageFiles files = ImageFiles.Open(path);
        int count = options.Count ?? int.MaxValue;
        IReadOnlyList<string> names = files.Names;
        int[]? labels = null;
        if (options.LabelsPath is { } labelsPath)
            (names, labels) = DataReader.Guard(labelsPath, () => Labeled(files.Names, labelsPath, count));
        string[] chosen = [.. names.Take(count)];

        Raster first = Load(chosen[0]);
        // Colors are as in the first picture where nobody says how many channels there are.
        fit = fit with { Channels = first.Channels };
        return new ImageSet(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), first.Channels, first.Height, first.Width,
            chosen.Length, [], labels)
        {
            // The first picture is most often the only one.
            Load = n => n == 0 ? first.Pixels : Same(Load(chosen[n]), chosen[n]).Pixels,
            Names = chosen,
            Files = Directory.Exists(path) ? [.. chosen.Select(files.FileOf)] : null,
        };

        Raster Load(string name) => fit.Apply(files.Decode(name), files.OriginOf(name));

        Raster Same(Raster image, string name) => (image.Height, image.Width) == (first.Height, first.Width)
            ? image
            : throw files.OriginOf(name).Error(DataDiagnostics.SizeMismatch, string.Create(CultureInfo.InvariantCulture,
                $"The picture has {image.Height} rows and {image.Width} columns, the first one {first.Height} and {first.Width}."),
                    "Bring all to one size with --resize and --crop.");
    }

    private static (IReadOnlyList<string> Names, int[] Labels) Labeled(IReadOnlyList<string> files, string path, int count)
    {
        List<(string? Name, int Class)> rows = LabelReader.ReadRows(path, Math.Min(count, files.Count));
        if (rows.TrueForAll(row => row.Name is null))
            return (files, LabelReader.Exactly(rows, Math.Min(count, files.Count), path));
        // A name may leave out the folders.
        ILookup<string, string> byName = files.ToLookup(file => file, StringComparer.Ordinal),
            byEnd = files.ToLookup(file => file[(file.LastIndexOf('/') + 1)..], StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        List<string> names = [];
        foreach ((string? name, int _) in rows)
        {
            string[] found = name is null ? [] : byName.Contains(name) ? [name] : [.. byEnd[name]];
            if (found.Length != 1)
                throw DataDiagnostics.Error(DataDiagnostics.LabelMismatch, path, name, found.Length == 0
                    ? "There is no picture of this name."
                    : "There are several pictures of this name.",
                    "Give one line, name,class, for each picture, with its folders where names repeat.");
            if (!seen.Add(found[0]))
                throw DataDiagnostics.Error(DataDiagnostics.LabelMismatch, path, name, "The picture has two labels.",
                    "Give one line, name,class, for each picture.");
            names.Add(found[0]);
        }

        return (names, [.. rows.Select(row => row.Class)]);
    }
}
