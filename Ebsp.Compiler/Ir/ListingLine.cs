using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Ir;

/// <summary>One line of a listing, read from left to right.</summary>
/// <param name="line">The line.</param>
/// <param name="number">Its number, from 1.</param>
/// <param name="file">Name of the file for diagnostics.</param>
internal sealed class ListingLine(string line, int number, string? file)
{
    // Longest array that a hash stands for: more than any layer has.
    private const int MaxLength = 1 << 28;

    private int _at;

    /// <summary>Whether all of it was read.</summary>
    public bool IsAtEnd => _at == line.Length;

    /// <summary>Steps over a text if it comes next.</summary>
    public bool TryTake(string text)
    {
        if (!line.AsSpan(_at).StartsWith(text, StringComparison.Ordinal))
            return false;
        _at += text.Length;
        return true;
    }

    /// <summary>Steps over a text that must come next.</summary>
    public void Take(string text)
    {
        if (!TryTake(text))
            throw Refused($"'{text}' expected");
    }

    /// <summary>As <see cref="Take"/>; the line itself.</summary>
    public ListingLine Then(string text)
    {
        Take(text);
        return this;
    }

    /// <summary>What comes before a text, which is stepped over too.</summary>
    public string Until(string end)
    {
        int length = line.AsSpan(_at).IndexOf(end, StringComparison.Ordinal);
        if (length < 0)
            throw Refused($"'{end}' expected");
        string text = line.Substring(_at, length);
        _at += length + end.Length;
        return text;
    }

    /// <summary>What comes before a text, which is stepped over too, or the rest where it does not come.</summary>
    public string UntilOrEnd(string end) => line.AsSpan(_at).IndexOf(end, StringComparison.Ordinal) < 0 ? Rest() : Until(end);

    /// <summary>All that is left.</summary>
    public string Rest()
    {
        string text = line[_at..];
        _at = line.Length;
        return text;
    }

    /// <summary>Refuses what is left.</summary>
    public void End()
    {
        if (!IsAtEnd)
            throw Refused("the line goes on where it should end");
    }

    /// <summary>A name of letters and digits.</summary>
    public string Word() => While(char.IsAsciiLetterOrDigit);

    /// <summary>A name of an enumeration.</summary>
    public T Name<T>()
        where T : struct, Enum => Enum.TryParse(Word(), out T value) && Enum.IsDefined(value) ? value
            : throw Refused($"no {typeof(T).Name}");

    /// <summary>A whole number.</summary>
    public int Int() => int.TryParse(Number(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        ? value : throw Refused("a whole number expected");

    /// <summary>A number of float32.</summary>
    public float Float() => float.TryParse(Number(), NumberStyles.Float, CultureInfo.InvariantCulture, out float value)
        ? value : throw Refused("a number expected");

    /// <summary>A number.</summary>
    public double Double() => double.TryParse(Number(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
        ? value : throw Refused("a number expected");

    /// <summary>A format before a text, which stays.</summary>
    public PatternFormat Format(string end)
    {
        string text = Until(end);
        _at -= end.Length;
        return PatternFormat.TryParse(text, out PatternFormat format) ? format : throw Refused($"'{text}' is no format");
    }

    /// <summary><c>f32[CxHxW]</c>, or a format with the scale of a unit.</summary>
    public (Shape Shape, PatternFormat? Format, double Scale) Type()
    {
        PatternFormat? format = TryTake("f32") ? null : Format("[");
        Take("[");
        Shape shape = new(Int(), Then("x").Int(), Then("x").Int());
        Take("]");
        return (shape, format, format is null ? 1 : Then(" * ").Double());
    }

    /// <summary>Kernel, strides, pads, dilations.</summary>
    public KernelWindow Window()
    {
        KernelWindow window = new(Int(), Then("x").Int());
        if (TryTake(" /"))
            window = window with { StrideY = Int(), StrideX = Then(",").Int() };
        if (TryTake(" pad "))
            window = window with { PadTop = Int(), PadLeft = Then(",").Int(), PadBottom = Then(",").Int(), PadRight = Then(",").Int() };
        return TryTake(" dilation ") ? window with { DilationY = Int(), DilationX = Then(",").Int() } : window;
    }

    /// <summary>float32 values; those that a hash stands for are multiples of 1/8 in -1..1.</summary>
    public ImmutableArray<float> Floats() => Array<float>(
        text => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : null,
        random => random.Next(-8, 9) / 8f);

    /// <summary>int32 values; those that a hash stands for lie in a range.</summary>
    /// <param name="least">Least value.</param>
    /// <param name="end">Value above the largest.</param>
    public ImmutableArray<int> Ints(int least, int end) => Array<int>(
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null,
        random => random.Next(least, end));

    /// <summary>An array: <c>-</c> for none, one value, <c>{a, b}</c>, or <c>length#hash</c>.</summary>
    /// <param name="parse">One value, or null where the text is none.</param>
    /// <param name="draw">A value in place of one that the listing does not tell.</param>
    public ImmutableArray<T> Array<T>(Func<string, T?> parse, Func<Random, T> draw)
        where T : struct
    {
        T Value(string text) => parse(text) ?? throw Refused($"'{text}' is no value of this array");
        if (TryTake("{"))
            return [.. Until("}").Split(", ").Select(Value)];
        string number = Number();
        if (number == "-")
            return [];
        if (!TryTake("#"))
            return [Value(number)];
        if (!uint.TryParse(While(char.IsAsciiLetterOrDigit), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint hash)
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length > MaxLength)
            throw Refused("length#hash expected");
        Random random = new(unchecked((int)hash));
        return [.. Enumerable.Range(0, length).Select(_ => draw(random))];
    }

    /// <summary>Steps of a function, operands first, up to a closing bracket, which stays.</summary>
    public ImmutableArray<PointStep> Steps()
    {
        string text = Until("]");
        _at--;
        return [.. text.Split(' ').Select(word =>
            double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? new PointStep(PointStepKind.Constant, value)
                : Enum.TryParse(word, out PointStepKind kind) && kind != PointStepKind.Constant ? new PointStep(kind)
                : throw Refused($"no step '{word}'"))];
    }

    /// <summary>The refusal of the line.</summary>
    public EbspException Refused(string cause) => DiagnosticDescriptors.BadGraphFile.Error(file, null, string.Create(
        CultureInfo.InvariantCulture, $"line {number}, column {_at + 1} of the listing: {cause}"));

    // Two dots are a range.
    private string Number()
    {
        int start = _at;
        while (_at < line.Length && (char.IsAsciiLetterOrDigit(line[_at]) || IsSign()
            || (line[_at] == '.' && !line.AsSpan(_at).StartsWith("..", StringComparison.Ordinal))))
            _at++;
        // The x of 3x3 belongs to no number.
        int size = line.AsSpan(start, _at - start).IndexOf('x');
        if (size > 0)
            _at = start + size;
        return line[start.._at];

        bool IsSign() => line[_at] is '-' or '+' && (_at == start || line[_at - 1] == 'E');
    }

    private string While(Func<char, bool> belongs)
    {
        int start = _at;
        while (_at < line.Length && belongs(line[_at]))
            _at++;
        return line[start.._at];
    }
}
