using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data.Images;

/// <summary>Where the bytes of a picture come from, for diagnostics.</summary>
/// <param name="File">The file.</param>
/// <param name="Entry">The entry of a zip, or null.</param>
internal readonly record struct ImageOrigin(string File, string? Entry)
{
    private const string Again = "Get the file again, or save the picture anew.";

    public EbspException Error(string code, string cause, string fix) => DataDiagnostics.Error(code, File, Entry, cause, fix);

    /// <summary>The bytes end too early.</summary>
    public EbspException CutOff(string cause) => DataDiagnostics.CutOff(File, Entry, cause);

    /// <summary>The bytes contradict the format.</summary>
    public EbspException Damaged(string cause) => Error(DataDiagnostics.Damaged, cause, Again);

    /// <summary>A header field that no valid file has.</summary>
    public EbspException BadHeader(string cause) => Error(DataDiagnostics.BadHeader, cause, Again);

    /// <summary>A valid picture of a kind that is not read.</summary>
    public EbspException Unsupported(string cause, string fix) => Error(DataDiagnostics.UnsupportedImage, cause, fix);

    /// <summary>Refuses sizes that no picture may have.</summary>
    public void CheckSize(long height, long width)
    {
        if (height < 1 || width < 1)
            throw BadHeader($"The picture has {height} rows and {width} columns.");
        if (height * width > Raster.MaxPixels)
            throw Error(DataDiagnostics.TooLarge, $"The picture has {height} rows and {width} columns, more than 2^26 pixels.",
                "Scale it down first.");
    }
}
