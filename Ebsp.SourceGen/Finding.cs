using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Ebsp.SourceGen;

/// <summary>A refusal: values alone, so that steps compare and no syntax tree is held.</summary>
/// <param name="Code">EBSP61nn.</param>
/// <param name="Path">The manifest's path.</param>
/// <param name="Line">Line of the place, from 0.</param>
/// <param name="Column">UTF-16 unit within the line, from 0.</param>
/// <param name="Cause">What fills in the row's cause, in printable ASCII.</param>
internal sealed record Finding(string Code, string Path, int Line, int Column, string Cause)
{
    /// <summary>A refusal at a character of a text.</summary>
    /// <inheritdoc cref="Finding(string, string, int, int, string)"/>
    public static Finding At(string code, string path, string text, int position, string cause)
    {
        int line = 0;
        int start = 0;
        for (int i = 0; i < position; i++)
        {
            if (text[i] == '\n')
            {
                line++;
                start = i + 1;
            }
        }

        return new Finding(code, path, line, position - start, cause);
    }

    /// <summary>As the compiler reports it.</summary>
    public Diagnostic ToDiagnostic()
    {
        LinePosition place = new(Line, Column);
        return Diagnostic.Create(GeneratorDiagnostics.Find(Code), Location.Create(Path, default, new LinePositionSpan(place, place)),
            Cause);
    }
}
