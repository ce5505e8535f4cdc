using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>The binary form of CIFAR-10: a label byte 0..9, then 1,024 bytes each of R, G and B, 32 x 32 row by row.</summary>
internal static class CifarReader
{
    public const int PlaneBytes = 32 * 32;
    public const int RecordBytes = 1 + 3 * PlaneBytes;

    public static ImageSet Read(string path, int count)
    {
        using DataSource source = DataSource.Open(path);
        long records = source.MaxLength / RecordBytes;
        if (records * RecordBytes != source.MaxLength)
            throw DataDiagnostics.CutOff(path, null, string.Create(CultureInfo.InvariantCulture,
                $"The length of {source.MaxLength} bytes is no multiple of {RecordBytes}, a CIFAR-10 record."));
        if (records == 0)
            throw DataDiagnostics.Error(DataDiagnostics.Empty, path, null, "The file holds no image.", "Give a file with at least one.");
        long read = Math.Min(count, records);
        if (read * RecordBytes > DataSource.MaxSetBytes)
            throw DataDiagnostics.OverLimit(path);
        byte[] pixels = new byte[read * 3 * PlaneBytes];
        int[] labels = new int[read];
        Span<byte> label = stackalloc byte[1];
        for (int n = 0; n < labels.Length; n++)
        {
            source.ReadExactly(label, "a record");
            labels[n] = Label(label[0], path, n);
            source.ReadExactly(pixels.AsSpan(n * 3 * PlaneBytes, 3 * PlaneBytes), "a record");
        }
        return new ImageSet(Path.GetFileName(path), 3, 32, 32, labels.Length, pixels, labels);
    }

    public static int Label(byte label, string path, int n) => label <= 9
        ? label
        : throw DataDiagnostics.Error(DataDiagnostics.BadValue, path, string.Create(CultureInfo.InvariantCulture, $"image {n}"),
            string.Create(CultureInfo.InvariantCulture, $"Label {label} is above 9."), "Check that the file holds CIFAR-10 records.");
}
