using System.Numerics;

namespace Ebsp.Isa.Verification;

/// <summary>
/// Cuts a region where some access begins or ends: the bytes between two cuts are touched by the same accesses, so one entry stands for
/// them. Exact for pitched accesses, and small where accesses are contiguous.
/// </summary>
/// <param name="bytes">Size of the region as far as it is accessed.</param>
internal sealed class SegmentMap(long bytes)
{
    private readonly ulong[] _cuts = new ulong[bytes / 64 + 1];
    private readonly int[] _before = new int[bytes / 64 + 2];

    /// <summary>Number of segments; after <see cref="Seal"/>.</summary>
    public int Count => _before[^1];

    /// <summary>Cuts before a byte.</summary>
    public void Cut(long address) => _cuts[address >> 6] |= 1UL << (int)(address & 63);

    /// <summary>Numbers the segments, once all cuts are there.</summary>
    public void Seal()
    {
        for (int i = 0; i < _cuts.Length; i++)
            _before[i + 1] = _before[i] + BitOperations.PopCount(_cuts[i]);
    }

    /// <summary>The number of the segment that begins at a cut.</summary>
    public int At(long cut) => _before[cut >> 6] + BitOperations.PopCount(_cuts[cut >> 6] & ((1UL << (int)(cut & 63)) - 1));

    /// <summary>The first byte of a segment.</summary>
    public long Address(int segment)
    {
        int word = Array.BinarySearch(_before, segment);
        word = word < 0 ? ~word - 1 : word;
        while (_cuts[word] == 0 || _before[word + 1] <= segment)
            word++;
        ulong cuts = _cuts[word];
        for (int skip = segment - _before[word]; skip > 0; skip--)
            cuts &= cuts - 1;
        return word * 64L + BitOperations.TrailingZeroCount(cuts);
    }
}
