using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>
/// Images as residuals of the JPEG-LS median edge predictor in one Brotli stream (<c>.med.br</c>). A record holds, after a label byte
/// in CIFAR-10 files, the residual planes of G, R - G and B - G modulo 256, row by row.
/// </summary>
internal static class MedReader
{
    public static ImageSet Read(string path, int count, (int Height, int Width)? size)
    {
        string name = Path.GetFileName(path);
        bool labeled = size is null && EdgeOf(name) is null;
        (int height, int width) = size ?? (EdgeOf(name) is { } edge ? (edge, edge) : (32, 32));
        int plane = checked((int)Math.Min((long)height * width, int.MaxValue / 4));
        int image = 3 * plane, header = labeled ? 1 : 0;
        if (image > DataSource.MaxSetBytes)
            throw DataDiagnostics.OverLimit(path);

        using var source = new BrotliSource(path);
        byte[] record = new byte[header + image];
        byte[] pixels = [];
        var labels = new List<int>();
        int n = 0;
        for (; n < count; n++)
        {
            int read = source.Fill(record);
            if (read == 0)
                break;
            if (read < record.Length)
                throw DataDiagnostics.CutOff(path, string.Create(CultureInfo.InvariantCulture, $"image {n}"),
                    string.Create(CultureInfo.InvariantCulture,
                    $"The data ends after {read} of the {record.Length} bytes of a {height} x {width} image; CIFAR-10 is taken where " +
                        $"the name has no rgbN and no --size is given."));
            if ((n + 1L) * image > DataSource.MaxSetBytes)
                throw DataDiagnostics.OverLimit(path);
            // Memory grows with what was decoded: the file does not say how many images it holds.
            if (pixels.Length < (n + 1) * image)
                Array.Resize(ref pixels, (int)Math.Clamp(2L * n * image, (n + 1L) * image, DataSource.MaxSetBytes));
            if (labeled)
                labels.Add(CifarReader.Label(record[0], path, n));
            Decode(record.AsSpan(header), pixels.AsSpan(n * image, image), height, width);
        }
        if (n < count)
            source.ExpectEnd();
        if (n == 0)
            throw DataDiagnostics.Error(DataDiagnostics.Empty, path, null, "The file holds no image.", "Give a file with at least one.");
        Array.Resize(ref pixels, n * image);
        return new ImageSet(name, 3, height, width, n, pixels, labeled ? labels.ToArray() : null);
    }

    /// <summary>N of <c>rgbN</c> in a file name, or null.</summary>
    private static int? EdgeOf(string name)
    {
        int at = name.LastIndexOf("rgb", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        string digits = new(name.Skip(at + 3).TakeWhile(char.IsAsciiDigit).ToArray());
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int edge) && edge is >= 1 and <= ushort.MaxValue
            ? edge
            : null;
    }

    private static void Decode(ReadOnlySpan<byte> residuals, Span<byte> image, int height, int width)
    {
        int plane = height * width;
        Span<byte> r = image[..plane], g = image.Slice(plane, plane), b = image[(2 * plane)..];
        Undo(residuals[..plane], g, width);
        Undo(residuals.Slice(plane, plane), r, width);
        Undo(residuals[(2 * plane)..], b, width);
        for (int i = 0; i < plane; i++)
        {
            r[i] += g[i];
            b[i] += g[i];
        }
    }

    private static void Undo(ReadOnlySpan<byte> residuals, Span<byte> values, int width)
    {
        values[0] = residuals[0];
        for (int x = 1; x < width; x++)
            values[x] = (byte)(residuals[x] + values[x - 1]);
        for (int row = width; row < values.Length; row += width)
        {
            values[row] = (byte)(residuals[row] + values[row - width]);
            for (int i = row + 1; i < row + width; i++)
                values[i] = (byte)(residuals[i] + Predict(values[i - 1], values[i - width], values[i - width - 1]));
        }
    }

    /// <summary>Prediction from the values to the left, above, and above left.</summary>
    private static int Predict(int a, int b, int c)
    {
        int low = Math.Min(a, b), high = Math.Max(a, b);
        return c >= high ? low : c <= low ? high : a + b - c;
    }
}
