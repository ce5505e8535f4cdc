using System.Globalization;

namespace Ebsp.Compiler.Data;

/// <summary>What a picture is scaled or cropped to.</summary>
/// <param name="Height">Rows, 1..65,535; without a width the shorter side where one scales, both sides where one crops.</param>
/// <param name="Width">Columns, 1..65,535, or null.</param>
public readonly record struct ImageSize(int Height, int? Width = null)
{
    /// <summary>Rows and columns that a picture is scaled to; one number keeps the ratio of the sides, the longer one rounded
    /// down.</summary>
    public (int Height, int Width) Of(int height, int width) => Width is { } columns ? (Height, columns)
        : height <= width ? (Height, Longer(width, height)) : (Longer(height, width), Height);

    /// <summary>Reads <c>224</c> or <c>224x320</c> (rows x columns); null where the text is neither.</summary>
    public static ImageSize? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] sides = text.Split('x');
        int?[] numbers = [.. sides.Select(side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : (int?)null)];
        return numbers switch { [{ } edge] => new ImageSize(edge), [{ } height, { } width] => new ImageSize(height, width), _ => null };
    }

    // At most 65,535^2 / 1: checked where memory is taken.
    private int Longer(int longer, int shorter) => (int)Math.Min(int.MaxValue, (long)Height * longer / shorter);
}
