namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    // Cause and fix come from the reader of the format, which knows more.
    private static readonly DiagnosticDescriptor[] DataRows =
    [
        Row(DataDiagnostics.Unreadable, "Data file unreadable", "Check the path and the permissions.", "There is no such file."),
        Row(DataDiagnostics.UnknownFormat, "Data format not known", "Name the file as its format wants it, or convert it to .npy.",
            "The name says no format that is read."),
        Row(DataDiagnostics.Truncated, "Data file cut off", "Get the file again: it is incomplete or of another format.",
            "The file ends in image 12."),
        Row(DataDiagnostics.BadHeader, "Data header wrong", "Save the data again in the format of the name.",
            "The array is in Fortran order."),
        Row(DataDiagnostics.TrailingData, "Data behind the end", "Get the file again: it is of another format or joined with another.",
            "17 bytes follow the last image."),
        Row(DataDiagnostics.TooLarge, "Data beyond the limit", "Read a part of them with --count.", "The images take more than 1 GiB."),
        Row(DataDiagnostics.Damaged, "Data stream damaged", "Get the file again.", "The compressed stream is damaged."),
        Row(DataDiagnostics.BadValue, "Data value out of range", "Mend the line or get the file again.",
            "The line does not end with a class number."),
        Row(DataDiagnostics.LabelMismatch, "Labels do not go with the images", "Give a label for each image, or fewer images with --count.",
            "The file has 9 labels for 10 images."),
        Row(DataDiagnostics.BadOption, "Data option out of range", "Give a value in range.", "--count 0 is less than 1."),
        Row(DataDiagnostics.Empty, "No image", "Give a file with at least one.", "The file holds no image."),
        Row(DataDiagnostics.UnsupportedImage, "Kind of picture not read", "Save the picture as JPEG or PNG.",
            "This is a TIFF, not a JPEG, PNG, BMP, GIF, WebP, PGM or PPM picture."),
        Row(DataDiagnostics.SizeMismatch, "Pictures of different sizes", "Bring all to one size with --resize and --crop.",
            "The picture has 375 rows and 500 columns, the first one 333 and 500."),
    ];

    private static DiagnosticDescriptor Row(string code, string title, string fix, string exampleCause) =>
        new(code, title, "{0}.", fix, $"data.csv: error {code}: {exampleCause} {fix}");
}
