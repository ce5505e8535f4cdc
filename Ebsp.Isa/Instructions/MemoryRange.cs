namespace Ebsp.Isa.Instructions;

/// <summary>Bytes that an instruction reads or writes: the hull of one operand.</summary>
/// <param name="Operand">The address field of the operand.</param>
/// <param name="Region">Where they lie.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">First byte after the last one.</param>
/// <param name="Write">Written if true, else read.</param>
public readonly record struct MemoryRange(Field Operand, Region Region, long Start, long End, bool Write)
{
    /// <summary>Whether the two have a byte in common.</summary>
    public bool Overlaps(MemoryRange other) => Region == other.Region && Start < other.End && other.Start < End;

    /// <summary>Whether the order of the two matters: they overlap and one of them writes.</summary>
    public bool ConflictsWith(MemoryRange other) => (Write || other.Write) && Overlaps(other);
}
