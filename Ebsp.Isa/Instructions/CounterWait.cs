namespace Ebsp.Isa.Instructions;

/// <summary>A wait of an instruction: it starts once the counter has reached the value.</summary>
/// <param name="Counter">1..255.</param>
/// <param name="Value">At least 1.</param>
public readonly record struct CounterWait(int Counter, int Value)
{
    private static readonly (Field Counter, Field Value)[] Fields =
    [
        (Field.Wait0Counter, Field.Wait0Value), (Field.Wait1Counter, Field.Wait1Value), (Field.Wait2Counter, Field.Wait2Value),
        (Field.Wait3Counter, Field.Wait3Value), (Field.Wait4Counter, Field.Wait4Value), (Field.Wait5Counter, Field.Wait5Value),
    ];

    /// <summary>The waits of an instruction in the order of its fields; those on counter 0 or on value 0 hold at once and are left
    /// out.</summary>
    public static IEnumerable<CounterWait> Of(Instruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        for (int i = 0; i < (instruction.Opcode == Opcode.Sync ? Fields.Length : 2); i++)
        {
            (int counter, int value) = ((int)instruction[Fields[i].Counter], (int)instruction[Fields[i].Value]);
            if (counter != 0 && value != 0)
                yield return new CounterWait(counter, value);
        }
    }
}
