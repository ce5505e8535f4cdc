using System.Globalization;
using Ebsp.Compiler.Data.Images;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>Reads labeled images; the file's name tells its format, and for pictures its first bytes.</summary>
public static class DataReader
{
    private const string Formats =
        "Read are pictures (.png, .jpg, .jpeg, .bmp, .gif, .webp, .ppm, .pgm, .pnm), folders and zips of them, .npy, .med.br (CIFAR-10, " +
            "or rgbN in the name), CIFAR-10 binary (.bin), IDX (idx3 in the name, also .gz) and CSV (.csv, .csv.gz).";

    /// <summary>Reads images and their labels.</summary>
    /// <param name="path">A picture, a folder or zip of pictures, a <c>.med.br</c>, CIFAR-10 <c>.bin</c>, IDX, digits CSV or <c>.npy</c>
    /// file; IDX and CSV also in gzip.</param>
    /// <param name="options">Number of images, labels, size; null takes the defaults.</param>
    /// <returns>At least one image; N x C x H x W.</returns>
    /// <exception cref="Diagnostics.EbspException">The file cannot be read, is malformed or of another format, or an option is out of range
    /// (EBSP7xxx).</exception>
    public static ImageSet Read(string path, DataOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new DataOptions();
        Check(path, options);
        ImageFit fit = new(options.Channels, options.Resize, options.Crop);
        bool isPictures = ImageFiles.Takes(path);
        ImageSet images = Guard(path, () => isPictures
            ? ImageFilesReader.Read(path, options, fit)
            : Fit(ReadImages(path, options), fit with { Channels = null }, path));
        int[]? labels = options.LabelsPath is { } labelsPath && !isPictures
            ? Guard(labelsPath, () => LabelReader.Read(labelsPath, images.Count))
            : images.Labels;
        return images with { Labels = LabelReader.Shift(labels, options.LabelOffset, options.LabelsPath ?? path) };
    }

    /// <summary>Raw pixels of a file brought to another size, image by image.</summary>
    private static ImageSet Fit(ImageSet images, ImageFit fit, string path)
    {
        if (!fit.ChangesSize)
            return images;
        if (images.Values is not null)
            throw DataDiagnostics.Error(DataDiagnostics.BadOption, path, null,
                "--resize and --crop are for pixels, and these are preprocessed values.",
                "Bring the images to their size before they are preprocessed.");
        Raster first = Make(0);
        return images with { Height = first.Height, Width = first.Width, Pixels = [], Load = n => Make(n).Pixels };

        Raster Make(int n) =>
            fit.Apply(new Raster(images.Channels, images.Height, images.Width, images.PixelsOf(n).ToArray()), new ImageOrigin(path, null));
    }

    private static ImageSet ReadImages(string path, DataOptions options)
    {
        string name = Path.GetFileName(path);
        int count = options.Count ?? int.MaxValue;
        if (Ends(name, ".med.br"))
            return MedReader.Read(path, count, options.Size);
        if (Ends(name, ".npy"))
            return NpyFile.ReadImages(path, count, options);
        if (Ends(name, ".bin"))
            return CifarReader.Read(path, count);
        if (Ends(name, ".csv") || Ends(name, ".csv.gz"))
        {
            return options.Input is { } input && input != DigitsReader.Shape
                ? CsvReader.Read(path, count, input) : DigitsReader.Read(path, count);
        }

        if (name.Contains("idx3", StringComparison.OrdinalIgnoreCase))
            return IdxReader.Read(path, count, findLabels: options.FindLabels && options.LabelsPath is null);
        throw DataDiagnostics.Error(DataDiagnostics.UnknownFormat, path, null, "The name says no format that is read.", Formats);
    }

    private static void Check(string path, DataOptions options)
    {
        if (options.Count is < 1)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"--count {options.Count} is less than 1."),
                "Ask for at least one image.");
        CheckSides("--size", options.Size?.Height, options.Size?.Width);
        CheckSides("--resize", options.Resize?.Height, options.Resize?.Width);
        CheckSides("--crop", options.Crop?.Height, options.Crop?.Width);

        void CheckSides(string option, int? height, int? width)
        {
            if (height is < 1 or > ushort.MaxValue || width is < 1 or > ushort.MaxValue)
                throw Bad(string.Create(CultureInfo.InvariantCulture,
                    $"{option} {height}{(width is null ? "" : " x ")}{width} is out of range."), "Give rows and columns of 1..65535.");
        }

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
