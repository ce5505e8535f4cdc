using System.Buffers;

namespace Ebsp.Emulator.Models;

/// <summary>Bytes outside the managed heap, at an address that is a multiple of nothing.</summary>
/// <param name="address">Where they begin.</param>
/// <param name="length">How many there are.</param>
/// <param name="owner">The object that keeps them there as long as it is reachable.</param>
internal sealed unsafe class UnmanagedBytes(byte* address, int length, object owner) : MemoryManager<byte>
{
    private readonly byte* _address = address;

    /// <summary>The object that keeps the bytes where they are.</summary>
    public object Owner { get; } = owner;

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_address, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        return new MemoryHandle(_address + elementIndex, pinnable: this);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
