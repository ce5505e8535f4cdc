using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// The weights of a fold: unpacked once, by the first machine that comes to them, for as long as the packed bytes in a machine's buffer are
/// those in region weights that they were loaded from. So no copy of the packed bytes is needed.
/// </summary>
/// <param name="packed">The bytes in region weights.</param>
internal sealed class SharedWeights(ReadOnlyMemory<byte> packed)
{
    private readonly object _gate = new();
    private volatile UnpackedWeights? _unpacked;

    /// <summary>The weights, or null if the buffer has others.</summary>
    /// <exception cref="EmulatorTrapException">A code is outside the format.</exception>
    public UnpackedWeights? Find(ReadOnlySpan<byte> buffer, ArrayInstruction op)
    {
        if (!buffer.Slice(op.WeightAddress, (int)op.WeightBytes).SequenceEqual(packed.Span))
            return null;
        if (_unpacked is { } known)
            return known;
        lock (_gate)
            return _unpacked ??= UnpackedWeights.Of(buffer, op);
    }
}

/// <summary>Weights of one machine alone: those that it finds in its buffer where the order of the program promises others, or
/// nothing.</summary>
internal sealed class OwnWeights
{
    private readonly Dictionary<int, (byte[] Packed, UnpackedWeights Unpacked)> _known = [];

    /// <summary>Unpacks the weights of an instruction if they have changed.</summary>
    /// <exception cref="EmulatorTrapException">A code is outside the format.</exception>
    public UnpackedWeights Find(ReadOnlySpan<byte> buffer, ArrayInstruction op)
    {
        ReadOnlySpan<byte> packed = buffer.Slice(op.WeightAddress, (int)op.WeightBytes);
        if (_known.TryGetValue(op.Index, out (byte[] Packed, UnpackedWeights Unpacked) known) && packed.SequenceEqual(known.Packed))
            return known.Unpacked;
        UnpackedWeights unpacked = UnpackedWeights.Of(buffer, op);
        _known[op.Index] = (packed.ToArray(), unpacked);
        return unpacked;
    }
}
