using System.Collections.Immutable;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit.Programs;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>A compiled program with one mistake in its instructions, as a compiler could make it.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Changed">The instructions that differ.</param>
/// <param name="Program">The program; its layer map is that of the right one.</param>
internal sealed record ProgramMutation(string Kind, ImmutableArray<int> Changed, EbspProgram Program)
{
    private static readonly string[] Kinds = ["drop a wait", "shift a base", "swap two instructions", "shorten a transfer"];

    private static readonly Field[] Bases =
    [
        Field.SrcAddress, Field.AddAddress, Field.DstAddress, Field.WeightAddress, Field.BiasAddress, Field.PsumAddress, Field.Constants,
            Field.DramAddress, Field.BufferAddress,
    ];

    private static readonly Field[] Lengths = [Field.ChannelGroups, Field.Columns, Field.Rows, Field.Images];

    /// <summary>The mutant of a number; the kinds take turns.</summary>
    public static ProgramMutation Of(EbspProgram program, int number)
    {
        Random random = new(number);
        while (true)
        {
            int index = random.Next(program.Code.Length - 1);
            ProgramMutation? made = (number % Kinds.Length) switch
            {
                0 => Change(program, index, number, copy => DropWait(copy, random)),
                1 => Change(program, index, number, copy => ShiftBase(copy, random)),
                2 => Swap(program, index, number, random),
                _ => Change(program, index, number, copy => Shorten(copy, random)),
            };
            if (made is not null)
                return made;
        }
    }

    private static ProgramMutation? Change(EbspProgram program, int index, int number, Func<Instruction, bool> change)
    {
        Instruction copy = RuleBreaker.Copy(program.Code[index]);
        return change(copy) ? new ProgramMutation(Kinds[number % Kinds.Length], [index],
            program with { Code = program.Code.SetItem(index, copy) }) : null;
    }

    private static bool DropWait(Instruction copy, Random random)
    {
        CounterWait[] waits = [.. CounterWait.Of(copy)];
        if (waits.Length == 0)
            return false;
        int counter = waits[random.Next(waits.Length)].Counter;
        FieldDefinition wait =
            copy.Definition.Fields.First(field => field.Name.StartsWith("wait", StringComparison.Ordinal) && copy[field.Id] == counter);
        FieldDefinition until = copy.Definition.Fields.Single(field => field.Name == "until" + wait.Name[4..]);
        (copy[wait.Id], copy[until.Id]) = (0, 0);
        return true;
    }

    private static bool ShiftBase(Instruction copy, Random random)
    {
        FieldDefinition[] bases = [.. copy.Definition.Fields.Where(field => Bases.Contains(field.Id)
            && !(field.Id == Field.AddAddress && copy[Field.AddGroups] == 0)
                && !(field.Id == Field.BiasAddress && copy[Field.Start] != 1))];
        if (bases.Length == 0)
            return false;
        FieldDefinition field = bases[random.Next(bases.Length)];
        // By a few groups of channels, or by a pixel, row or image.
        long[] pitches = [.. copy.Definition.Fields.Where(pitch => pitch.Name.StartsWith(field.Name, StringComparison.Ordinal)
            && pitch.Scale == field.Scale).Select(pitch => copy[pitch.Id]).Where(pitch => pitch > 0)];
        long distance = random.Next(2) == 0 && pitches.Length > 0
            ? pitches[random.Next(pitches.Length)]
            : field.Scale * (1 << random.Next(7));
        long value = copy[field.Id] + distance * (random.Next(2) == 0 ? 1 : -1);
        if (!field.Accepts(value))
            return false;
        copy[field.Id] = value;
        return true;
    }

    private static bool Shorten(Instruction copy, Random random)
    {
        Field[] long_ = [.. Lengths.Where(field => copy.Opcode is Opcode.Load or Opcode.Store && copy[field] > 1)];
        if (long_.Length == 0)
            return false;
        Field field = long_[random.Next(long_.Length)];
        copy[field] = random.Next(2) == 0 ? copy[field] - 1 : random.NextInt64(1, copy[field]);
        return true;
    }

    // With the next one of its kind, or with one of the next twenty.
    private static ProgramMutation? Swap(EbspProgram program, int index, int number, Random random)
    {
        int other = index + random.Next(1, 21);
        if (random.Next(4) > 0)
        {
            for (other = index + 1; other < program.Code.Length && program.Code[other].Opcode != program.Code[index].Opcode;)
                other++;
        }

        if (other >= program.Code.Length - 1 || program.Code[index].Equals(program.Code[other]))
            return null;
        ImmutableArray<Instruction> code = program.Code.SetItem(index, program.Code[other]).SetItem(other, program.Code[index]);
        return new ProgramMutation(Kinds[number % Kinds.Length], [index, other], program with { Code = code });
    }
}
