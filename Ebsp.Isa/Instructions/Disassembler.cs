using System.Globalization;
using System.Text;

namespace Ebsp.Isa.Instructions;

/// <summary>Instructions as text: the mnemonic, then name=value for every field that is not at its default.</summary>
public static class Disassembler
{
    /// <summary>One line of assembly text.</summary>
    public static string Write(Instruction instruction)
    {
        StringBuilder line = new(instruction.Definition.Mnemonic);
        foreach (FieldDefinition field in instruction.Definition.Fields)
        {
            long value = instruction[field.Id];
            if (value != field.Default)
                line.Append(' ').Append(field.Name).Append('=').Append(Text(field, value));
        }

        return line.ToString();
    }

    internal static string Text(FieldDefinition field, long value) => field.Kind switch
    {
        FieldKind.Address => string.Create(CultureInfo.InvariantCulture, $"0x{value:X}"),
        FieldKind.Format => FormatField.Decode(value).ToString(),
        FieldKind.Name => field.Names[value],
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
