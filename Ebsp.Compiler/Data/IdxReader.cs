using System.Buffers.Binary;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>IDX files of unsigned bytes (MNIST), also in gzip: images 2051, N, H, W and labels 2049, N, all big-endian, then one byte an
/// element.</summary>
internal static class IdxReader
{
    private const int ImagesMagic = 2051;
    private const int LabelsMagic = 2049;

    public static ImageSet Read(string path, int count, bool findLabels)
    {
        using DataSource source = DataSource.Open(path);
        int[] sizes = ReadHeader(source, ImagesMagic, 3);
        (int images, int height, int width) = (sizes[0], sizes[1], sizes[2]);
        int read = Math.Min(count, images);
        // Three sizes below 2^31 may pass 2^63; two of them cannot.
        Int128 bytes = (Int128)read * height * width;
        if (bytes > DataSource.MaxSetBytes)
            throw DataDiagnostics.OverLimit(path);
        if ((Int128)images * height * width > source.MaxLength)
            throw DataDiagnostics.CutOff(path, null,
                string.Create(CultureInfo.InvariantCulture, $"The file is too short for {images} images of {height} x {width}."));
        byte[] pixels = new byte[(int)bytes];
        source.ReadExactly(pixels, "the images");
        if (read == images)
            source.ExpectEnd();
        string? labelsPath = findLabels ? LabelsBeside(path) : null;
        int[]? labels = labelsPath is null ? null : DataReader.Guard(labelsPath, () => ReadLabels(labelsPath, read, images));
        return new ImageSet(Path.GetFileName(path), 1, height, width, read, pixels, labels);
    }

    /// <summary>Reads the first labels.</summary>
    /// <param name="path">An IDX file of labels.</param>
    /// <param name="count">Labels to read.</param>
    /// <param name="images">Labels that the file must have, or null where it may have more than it needs.</param>
    public static int[] ReadLabels(string path, int count, int? images = null)
    {
        using DataSource source = DataSource.Open(path);
        int all = ReadHeader(source, LabelsMagic, 1)[0];
        if (all < count || (images ?? all) != all)
            throw DataDiagnostics.Error(DataDiagnostics.LabelMismatch, path, null,
                string.Create(CultureInfo.InvariantCulture, $"The file has {all} labels for {images ?? count} images."),
                    "Give the labels of these images with --labels.");
        if (all > source.MaxLength)
            throw DataDiagnostics.CutOff(path, null,
                string.Create(CultureInfo.InvariantCulture, $"The file is too short for {all} labels."));
        byte[] bytes = new byte[count];
        source.ReadExactly(bytes, "the labels");
        if (count == all)
            source.ExpectEnd();
        return Array.ConvertAll(bytes, b => (int)b);
    }

    private static int[] ReadHeader(DataSource source, int magic, int rank)
    {
        byte[] header = new byte[4 + 4 * rank];
        source.ReadExactly(header, "the header");
        int found = BinaryPrimitives.ReadInt32BigEndian(header);
        if (found != magic)
            throw Bad($"The first word is {found}, not {magic}.");
        int[] sizes = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            sizes[i] = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 + 4 * i));
            if (sizes[i] < 1)
                throw Bad($"Size {i} is {sizes[i]}.");
        }
        return sizes;

        Diagnostics.EbspException Bad(FormattableString cause) => DataDiagnostics.Error(DataDiagnostics.BadHeader, source.Path, null,
            FormattableString.Invariant(cause), "Give an IDX file of unsigned bytes with at least one image.");
    }

    /// <summary>The label file that goes with <c>train-images-idx3-ubyte.gz</c>, in gzip or not, or null.</summary>
    private static string? LabelsBeside(string path)
    {
        string name = Path.GetFileName(path);
        string labels = name.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        if (labels == name)
            return null;
        string same = Path.Combine(Path.GetDirectoryName(path) ?? "", labels);
        string other = same.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? same[..^3] : same + ".gz";
        return File.Exists(same) ? same : File.Exists(other) ? other : null;
    }
}
