using System.Globalization;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>Reads the text that <see cref="Disassembler"/> writes; blank lines and comments from ';' on are skipped.</summary>
public static class Assembler
{
    /// <summary>Assembles a listing.</summary>
    /// <exception cref="FormatException">A line is wrong; the message starts with its number.</exception>
    public static Instruction[] Assemble(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<Instruction> instructions = [];
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            int comment = line.IndexOf(';');
            ReadOnlySpan<char> code = (comment < 0 ? line : line[..comment]).Trim();
            if (code.IsEmpty)
                continue;
            if (!TryRead(code.ToString(), out Instruction? instruction, out string? error))
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {number}: {error}"));
            instructions.Add(instruction!);
        }

        return [.. instructions];
    }

    /// <summary>Reads one instruction.</summary>
    /// <param name="line">Mnemonic and name=value fields.</param>
    /// <param name="instruction">The instruction, or null.</param>
    /// <param name="error">Null, or what is wrong.</param>
    public static bool TryRead(string line, out Instruction? instruction, out string? error)
    {
        ArgumentNullException.ThrowIfNull(line);
        instruction = null;
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0 || InstructionTable.Find(words[0]) is not { } row)
        {
            error = $"no instruction is called '{(words.Length == 0 ? "" : words[0])}'";
            return false;
        }

        Instruction read = new(row.Opcode);
        HashSet<string> seen = [];
        foreach (string word in words.Skip(1))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? word : word[..equals];
            FieldDefinition? field = row.Fields.FirstOrDefault(f => f.Name == name);
            if (equals < 0 || field is null || !seen.Add(name))
            {
                error = field is null
                    ? $"{row.Mnemonic} has no field '{name}'"
                    : equals < 0 ? $"field '{name}' has no value" : $"field '{name}' stands twice";
                return false;
            }

            if (!TryParse(field, word[(equals + 1)..], out long value) || !field.Accepts(value))
            {
                error = $"field '{name}' of {row.Mnemonic} cannot be '{word[(equals + 1)..]}'";
                return false;
            }

            read[field.Id] = value;
        }

        instruction = read;
        error = null;
        return true;
    }

    private static bool TryParse(FieldDefinition field, string text, out long value)
    {
        value = 0;
        switch (field.Kind)
        {
            case FieldKind.Format:
                if (!PatternFormat.TryParse(text, out PatternFormat format))
                    return false;
                value = FormatField.Encode(format);
                return true;
            case FieldKind.Name:
                value = Array.IndexOf(field.Names, text);
                return value >= 0;
            default:
                return text.StartsWith("0x", StringComparison.Ordinal)
                    ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
                    : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }
    }
}
