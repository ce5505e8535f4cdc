namespace Ebsp.Compiler.Diagnostics;

/// <summary>What can be wrong with a file of images or labels.</summary>
public static class DataDiagnostics
{
    /// <summary>The file cannot be opened or read.</summary>
    public const string Unreadable = "EBSP7001";

    /// <summary>The name says no format that is read.</summary>
    public const string UnknownFormat = "EBSP7002";

    /// <summary>The file ends too early.</summary>
    public const string Truncated = "EBSP7003";

    /// <summary>The header is not one of the format, or of a kind that is not read.</summary>
    public const string BadHeader = "EBSP7004";

    /// <summary>Bytes follow the last image.</summary>
    public const string TrailingData = "EBSP7005";

    /// <summary>The decoded images would take more than 1 GiB.</summary>
    public const string TooLarge = "EBSP7006";

    /// <summary>The compressed stream is damaged.</summary>
    public const string Damaged = "EBSP7007";

    /// <summary>A pixel, field or label is out of its range.</summary>
    public const string BadValue = "EBSP7008";

    /// <summary>The labels do not go with the images.</summary>
    public const string LabelMismatch = "EBSP7009";

    /// <summary>An option is out of its range.</summary>
    public const string BadOption = "EBSP7010";

    /// <summary>The file holds no image.</summary>
    public const string Empty = "EBSP7011";

    /// <summary>The picture is of a kind that is not read, such as a JPEG with arithmetic coding.</summary>
    public const string UnsupportedImage = "EBSP7012";

    /// <summary>A picture has another size than the first of its set.</summary>
    public const string SizeMismatch = "EBSP7013";

    internal static EbspException Error(string code, string file, string? node, string cause, string fix) =>
        new(new Diagnostic(code, file, node, cause, fix));

    internal static EbspException CutOff(string file, string? node, string cause) =>
        Error(Truncated, file, node, cause, "Get the file again: it is incomplete or of another format.");

    internal static EbspException OverLimit(string file) =>
        Error(TooLarge, file, null, "The images take more than 1 GiB.", "Read a part of them with --count.");
}
