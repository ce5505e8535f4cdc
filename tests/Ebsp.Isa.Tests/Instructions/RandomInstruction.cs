using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Tests.Instructions;

/// <summary>Instructions whose every field is one of the values that its row allows.</summary>
internal static class RandomInstruction
{
    private static readonly long[] Formats =
        [.. Enumerable.Range(0, 1 << FormatField.Width).Select(field => (long)field).Where(FormatField.IsValid)];

    /// <summary>An instruction of a random row.</summary>
    public static Instruction Next(Random random) => Next(random, InstructionTable.Rows[random.Next(InstructionTable.Rows.Count)]);

    /// <summary>An instruction of a row; an eighth of the fields stay at their default.</summary>
    public static Instruction Next(Random random, InstructionDefinition row)
    {
        Instruction instruction = new(row.Opcode);
        foreach (FieldDefinition field in row.Fields)
        {
            if (random.Next(8) != 0)
                instruction[field.Id] = Value(random, field);
        }

        return instruction;
    }

    private static long Value(Random random, FieldDefinition field)
    {
        if (field.Kind == FieldKind.Format)
            return Formats[random.Next(Formats.Length)];
        // Steps of the scale above the minimum; short numbers as often as long ones.
        long steps = (field.Maximum - field.Minimum) / field.Scale;
        return field.Minimum + (random.NextInt64(steps + 1) >> random.Next(field.Width)) * field.Scale;
    }
}
