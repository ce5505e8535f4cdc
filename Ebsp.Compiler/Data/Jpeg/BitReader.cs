namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>The bits of entropy-coded data; FF 00 stands for FF, and any other FF (a marker) ends them. Behind the end come
/// zeros.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> data, int position)
{
    private readonly ReadOnlySpan<byte> data = data;
    private ulong bits; // the next bits, left-aligned
    private int count;
    private int padding;

    /// <summary>Place of the marker, once the bits have ended.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Whether bits behind the end were taken.</summary>
    public readonly bool Overrun => padding > count;

    /// <summary>The next 16 bits, which stay.</summary>
    public int Peek16()
    {
        if (count < 16)
            Fill();
        return (int)(bits >> 48);
    }

    /// <summary>Drops up to 16 bits that were seen.</summary>
    public void Skip(int length)
    {
        bits <<= length;
        count -= length;
    }

    /// <summary>A value of 0..15 bits in the sign form of T.81, F.2.2.1 (EXTEND).</summary>
    public int ReadSigned(int length)
    {
        if (length == 0)
            return 0;
        int value = Peek16() >> (16 - length);
        Skip(length);
        return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
    }

    /// <summary>Drops what is left before the next marker; false where whole bytes of data are left.</summary>
    public bool End()
    {
        bool whole = count - padding < 8
            && (Position >= data.Length || data[Position] == 0xFF && (Position + 1 >= data.Length || data[Position + 1] != 0));
        (bits, count, padding) = (0, 0, 0);
        return whole;
    }

    /// <summary>Goes on behind a marker.</summary>
    public void Restart(int position) => Position = position;

    private void Fill()
    {
        while (count <= 56)
        {
            int value = 0;
            if (Position < data.Length && data[Position] != 0xFF)
                value = data[Position++];
            else if (Position + 1 < data.Length && data[Position + 1] == 0)
            {
                value = 0xFF;
                Position += 2;
            }
            else
                padding += 8;
            bits |= (ulong)value << (56 - count);
            count += 8;
        }
    }
}
