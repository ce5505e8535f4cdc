using System.Globalization;
using System.Text;

namespace Ebsp.Isa.Instructions;

/// <summary>The manual docs/isa.md: fixed prose, and one section a row of the <see cref="InstructionTable"/>.</summary>
public static partial class IsaDocument
{
    private const int DiagramBits = 64;
    private const string Marks = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    // END has the fields that every word starts with, and no others.
    private static IReadOnlyList<FieldDefinition> Header => InstructionTable.Find(Opcode.End)!.Fields;

    /// <summary>The whole manual in Markdown, lines ended by \n.</summary>
    public static string Write()
    {
        StringBuilder text = new();
        foreach (string chapter in new[] { Introduction, Numbers, Machine, Constants })
            text.Append(chapter).Append("\n\n");
        text.Append(WordLayout).Append('\n');
        AppendFields(text, Header, 0);
        text.Append('\n').Append(Assembly).Append('\n');
        foreach (InstructionDefinition row in InstructionTable.Rows)
            AppendInstruction(text, row);
        AppendOpcodes(text);
        // Raw strings carry the line ends of the source file.
        return text.Replace("\r\n", "\n").ToString();
    }

    private static void AppendInstruction(StringBuilder text, InstructionDefinition row)
    {
        text.Append(CultureInfo.InvariantCulture, $"### {row.Mnemonic}\n\n");
        text.Append(CultureInfo.InvariantCulture,
            $"{row.Summary} Opcode 0x{(int)row.Opcode:X2}, unit: {UnitOf(row)}.\n\n{row.Meaning}\n\n");
        AppendDiagram(text, row);
        text.Append('\n');
        if (row.Fields.Count == Header.Count)
            return;
        AppendFields(text, row.Fields, Header.Count);
        text.Append('\n');
    }

    private static void AppendDiagram(StringBuilder text, InstructionDefinition row)
    {
        char[] bits = new char[Instruction.SizeBytes * 8];
        System.Array.Fill(bits, '.');
        System.Array.Fill(bits, '!', 0, 8);
        for (int i = 0; i < row.Fields.Count; i++)
            System.Array.Fill(bits, Marks[i], row.Fields[i].Offset, row.Fields[i].Width);
        text.Append("```text\n");
        for (int line = 0; line < row.Fields.Max(field => field.End); line += DiagramBits)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line,3} ");
            for (int bit = line; bit < line + DiagramBits; bit += 8)
                text.Append(' ').Append(bits, bit, 8);
            text.Append('\n');
        }

        text.Append("```\n");
    }

    private static void AppendFields(StringBuilder text, IReadOnlyList<FieldDefinition> fields, int first)
    {
        text.Append("| | field | bits | values | meaning |\n|---|---|---|---|---|\n");
        for (int i = first; i < fields.Count; i++)
        {
            FieldDefinition field = fields[i];
            string last = field.Width == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"..{field.End - 1}");
            text.Append(CultureInfo.InvariantCulture,
                $"| {Marks[i]} | {field.Name} | {field.Offset}{last} | {ValuesOf(field)} | {field.Meaning} |\n");
        }
    }

    private static string ValuesOf(FieldDefinition field) => field.Kind switch
    {
        FieldKind.Format => "a format",
        FieldKind.Name => string.Join(", ", Enumerable.Range(0, field.Names.Length).Where(i => i >= field.Minimum).Select(
            i => string.Create(CultureInfo.InvariantCulture, $"{i} {field.Names[i]}"))),
        _ => string.Create(CultureInfo.InvariantCulture,
            $"{field.Minimum}..{field.Maximum}{(field.Scale == 1 ? "" : $", stored / {field.Scale}")}{
                (field.Base == 0 ? "" : $", stored - {field.Base}")}"),
    };

    private static void AppendOpcodes(StringBuilder text)
    {
        text.Append("## Opcode map\n\n| opcode | mnemonic | unit | bits of fields | summary |\n|---|---|---|---|---|\n");
        foreach (InstructionDefinition row in InstructionTable.Rows.OrderBy(row => row.Opcode))
            text.Append(CultureInfo.InvariantCulture,
                $"| 0x{(int)row.Opcode:X2} | {row.Mnemonic} | {UnitOf(row)} | {row.Fields.Sum(field => field.Width)} | {row.Summary} |\n");
    }

    private static string UnitOf(InstructionDefinition row) => row.Unit is { } unit
        ? unit.ToString().ToLowerInvariant()
        : "the one in field `unit`";
}
