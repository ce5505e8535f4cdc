using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Verification;

/// <summary>How many instructions of each unit are known to be done: units execute in order, so a number a unit says all.</summary>
public sealed class VectorClock
{
    /// <summary>Number of units.</summary>
    public const int Units = (int)Unit.Host + 1;

    private readonly int[] _done = new int[Units];

    /// <summary>Instructions of a unit that are known to be done.</summary>
    public int this[int unit]
    {
        get => _done[unit];
        set => _done[unit] = value;
    }

    /// <summary>Knows from now on what the other one knows, too.</summary>
    public void Join(VectorClock other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int unit = 0; unit < Units; unit++)
            _done[unit] = Math.Max(_done[unit], other._done[unit]);
    }

    /// <summary>A copy that goes its own way.</summary>
    public VectorClock Copy()
    {
        VectorClock copy = new();
        copy.Join(this);
        return copy;
    }
}
