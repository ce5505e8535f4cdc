using System.Globalization;

namespace Ebsp.Compiler.Data;

/// <summary>Reads labelled images; the file's name tells its format.</summary>
public static class DataReader
{
    private const string Formats =
        "Read are .med.br (CIFAR-10, or rgbN in the name), CIFAR-10 binary (.bin), IDX (idx3 in the name, also .gz), digits CSV (.csv, .csv.gz) and .npy.";

    /// <summary>Reads images and their labels.</summary>
    /// <param name="path">A <c>.med.br</c>, CIFAR-10 <c>.bin</c>, IDX, digits CSV or <c>.npy</c> file; IDX and CSV also in gzip.</param>
    /// <param name="options">Number of images, labels, size; null takes the defaults.</param>
    /// <returns>At least one image; N x C x H x W.</returns>
    /// <exception cref="Diagnostics.EbspException">The file cannot be read, is malformed or of another format, or an option is out of range (EBSP7xxx).</exception>
    public static ImageSet Read(string path, DataOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new DataOptions();
        Check(path, options);
        ImageSet images = Guard(path, () => ReadImages(path, options));
        int[]? labels = options.LabelsPath is { } labelsPath
            ? Guard(labelsPath, () => LabelReader.Read(labelsPath, images.Count))
            : images.Labels;
        return images with { Labels = LabelReader.Shift(labels, options.LabelOffset, options.LabelsPath ?? path) };
    }

    private static ImageSet ReadImages(string path, DataOptions options)
    {
        string name = Path.GetFileName(path);
        int count = options.Count ?? int.MaxValue;
        if (Directory.Exists(path))
            throw DataDiagnostics.Error(DataDiagnostics.UnknownFormat, path, null, "Folders of images are not read.", Formats);
        if (Ends(name, ".med.br"))
            return MedReader.Read(path, count, options.Size);
        if (Ends(name, ".npy"))
            return NpyFile.ReadImages(path, count);
        if (Ends(name, ".bin"))
            return CifarReader.Read(path, count);
        if (Ends(name, ".csv") || Ends(name, ".csv.gz"))
            return DigitsReader.Read(path, count);
        if (name.Contains("idx3", StringComparison.OrdinalIgnoreCase))
            return IdxReader.Read(path, count, findLabels: options.LabelsPath is null);
        throw DataDiagnostics.Error(DataDiagnostics.UnknownFormat, path, null, "The name says no format that is read.", Formats);
    }

    private static void Check(string path, DataOptions options)
    {
        if (options.Count is < 1)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"--count {options.Count} is less than 1."), "Ask for at least one image.");
        if (options.Size is { } size && (size.Height is < 1 or > ushort.MaxValue || size.Width is < 1 or > ushort.MaxValue))
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"--size {size.Height} x {size.Width} is out of range."), "Give rows and columns of 1..65535.");

        Diagnostics.EbspException Bad(string cause, string fix) => DataDiagnostics.Error(DataDiagnostics.BadOption, path, null, cause, fix);
    }

    /// <summary>Turns what the file system reports into a diagnostic.</summary>
    internal static T Guard<T>(string path, Func<T> read)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            throw Unreadable("The path is empty or holds a zero character.");
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable("There is no such file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable("The file cannot be opened, read or written.");
        }

        Diagnostics.EbspException Unreadable(string cause) =>
            DataDiagnostics.Error(DataDiagnostics.Unreadable, path, null, cause, "Check the path and the permissions.");
    }

    private static bool Ends(string name, string end) => name.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
