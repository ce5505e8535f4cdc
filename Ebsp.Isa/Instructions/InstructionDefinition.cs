namespace Ebsp.Isa.Instructions;

/// <summary>One row of the instruction table.</summary>
public sealed class InstructionDefinition
{
    private readonly int[] _indexOf = new int[(int)Field.Label + 1];

    internal InstructionDefinition(Opcode opcode, string mnemonic, Unit? unit, Func<Instruction, int, InstructionView> view,
        string summary, string meaning, params FieldDefinition[][] fields)
    {
        Opcode = opcode;
        Mnemonic = mnemonic;
        Unit = unit;
        View = view;
        Summary = summary;
        Meaning = meaning;
        FieldArray = fields.SelectMany(group => group).ToArray();
        System.Array.Fill(_indexOf, -1);
        UsedBits[0] = 0xFF;
        for (int i = 0; i < FieldArray.Length; i++)
        {
            _indexOf[(int)FieldArray[i].Id] = i;
            for (int bit = FieldArray[i].Offset; bit < FieldArray[i].End; bit++)
                UsedBits[bit / 8] |= (byte)(1 << bit % 8);
        }
    }

    /// <summary>Operation code.</summary>
    public Opcode Opcode { get; }

    /// <summary>Name in assembly text.</summary>
    public string Mnemonic { get; }

    /// <summary>The unit that executes it; null where field <see cref="Field.TargetUnit"/> names it.</summary>
    public Unit? Unit { get; }

    /// <summary>One line.</summary>
    public string Summary { get; }

    /// <summary>Integer formulas: what is read, computed and written.</summary>
    public string Meaning { get; }

    /// <summary>The fields, in the order of assembly text.</summary>
    public IReadOnlyList<FieldDefinition> Fields => FieldArray;

    /// <summary>Reads an instruction of the row at a position of its program.</summary>
    internal Func<Instruction, int, InstructionView> View { get; }

    internal FieldDefinition[] FieldArray { get; }

    /// <summary>The bits of the word that the opcode or a field takes; all others are zero.</summary>
    internal byte[] UsedBits { get; } = new byte[Instruction.SizeBytes];

    /// <summary>Place of a field within <see cref="Fields"/>, or -1 if the row has no such field.</summary>
    public int IndexOf(Field field) => _indexOf[(int)field];
}
