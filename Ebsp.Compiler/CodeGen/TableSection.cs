using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

/// <summary>Builds the tables region: constants blocks and look-up tables, equal ones once.</summary>
public sealed class TableSection
{
    private readonly List<byte> _bytes = [];
    private readonly Dictionary<string, long> _addresses = [];

    /// <summary>The region's bytes.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>The address of a constants block.</summary>
    public long Add(VectorConstants constants) => Add(constants.Encode());

    /// <summary>The address of a block, a multiple of 8 bytes long.</summary>
    public long Add(byte[] block)
    {
        string key = Convert.ToBase64String(block);
        if (!_addresses.TryGetValue(key, out long address))
        {
            address = _bytes.Count;
            _bytes.AddRange(block);
            _addresses[key] = address;
        }

        return address;
    }
}
