using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>
/// Where the weights in the buffer come from if the units keep to the order of the program. A hint: the bytes are compared whenever they
/// are used.
/// </summary>
internal sealed class WeightSources
{
    // Runs of the buffer and their addresses in region weights; they do not overlap. A fold may be loaded in pieces.
    private readonly List<(long Start, long End, long Dram)> _loaded = [];

    private WeightSources()
    {
    }

    /// <summary>For each array instruction the address of its weights in region weights; -1 for others, and if no LOAD has brought all of
    /// them.</summary>
    public static long[] Of(DecodedProgram program)
    {
        WeightSources sources = new();
        long[] addresses = new long[program.Instructions.Length];
        Array.Fill(addresses, -1);
        foreach (InstructionView instruction in program.Instructions)
        {
            if (instruction is TransferInstruction { Store: false, Region: Region.Weights, Bits: 8, Tile: { Pixels: 1 } } load
                && !program.OutOfRange.ContainsKey(load.Index))
                sources.Load(load.Buffer.Address, load.Buffer.Address + load.Groups * 8L, load.Dram.Address);
            else if (instruction is ArrayInstruction array)
                addresses[array.Index] = sources.Find(array.WeightAddress, array.WeightAddress + array.WeightBytes);
        }

        return addresses;
    }

    private void Load(long start, long end, long dram)
    {
        for (int i = _loaded.Count - 1; i >= 0; i--)
        {
            (long Start, long End, long Dram) old = _loaded[i];
            if (old.End < start || end < old.Start)
                continue;
            _loaded.RemoveAt(i);
            // Pieces that follow one another in the buffer as in the region are one run.
            if (old.Dram - old.Start == dram - start)
            {
                (start, dram, end) = (Math.Min(start, old.Start), Math.Min(dram, old.Dram), Math.Max(end, old.End));
                continue;
            }

            if (old.Start < start)
                _loaded.Add((old.Start, start, old.Dram));
            if (end < old.End)
                _loaded.Add((end, old.End, old.Dram + end - old.Start));
        }

        _loaded.Add((start, end, dram));
    }

    private long Find(long start, long end)
    {
        foreach ((long first, long last, long dram) in _loaded)
        {
            if (first <= start && end <= last)
                return dram + start - first;
        }

        return -1;
    }
}
