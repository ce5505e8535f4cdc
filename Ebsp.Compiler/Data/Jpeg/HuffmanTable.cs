namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>A Huffman table of a DHT segment (ITU-T T.81, annexes C and F.2.2.3).</summary>
internal sealed class HuffmanTable
{
    private const int FastBits = 9;

    private readonly byte[] _symbols;
    private readonly ushort[] _fast = new ushort[1 << FastBits]; // length << 8 | symbol, 0 for longer codes
    private readonly int[] _end = new int[17]; // first code of a length that is none, left-aligned in 16 bits
    private readonly int[] _offset = new int[17]; // index of a symbol less its code

    private HuffmanTable(byte[] symbols) => _symbols = symbols;

    /// <summary>The table, or null if the counts overfill the code space.</summary>
    /// <param name="counts">Codes of 1..16 bits.</param>
    /// <param name="symbols">Their symbols, in the order of the codes.</param>
    public static HuffmanTable? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        HuffmanTable table = new(symbols.ToArray());
        int code = 0, index = 0;
        for (int length = 1; length <= 16; length++, code <<= 1)
        {
            table._offset[length] = index - code;
            for (int i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                if (code >= 1 << length)
                    return null;
                if (length <= FastBits)
                    table._fast.AsSpan(code << (FastBits - length), 1 << (FastBits - length)).Fill((ushort)(length << 8 | symbols[index]));
            }

            table._end[length] = code << (16 - length);
        }

        return table;
    }

    /// <summary>The next symbol, or -1 where the bits are no code.</summary>
    public int Read(ref BitReader bits)
    {
        int next = bits.Peek16(), fast = _fast[next >> (16 - FastBits)];
        if (fast != 0)
        {
            bits.Skip(fast >> 8);
            return (byte)fast;
        }

        for (int length = FastBits + 1; length <= 16; length++)
        {
            if (next >= _end[length])
                continue;
            bits.Skip(length);
            return _symbols[(next >> (16 - length)) + _offset[length]];
        }

        return -1;
    }
}
