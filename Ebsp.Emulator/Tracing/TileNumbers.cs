using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tracing;

/// <summary>
/// The tile, numbered within its layer, that an instruction works for. The layer map names the instructions that write tiles; a STORE
/// belongs to the tile before it, anything else to the next tile of its layer.
/// </summary>
internal static class TileNumbers
{
    /// <summary>One number an instruction; -1 for none.</summary>
    public static int[] Of(EbspProgram program)
    {
        int[] numbers = new int[program.Code.Length];
        Array.Fill(numbers, -1);
        Dictionary<(int Layer, int Image, int Row, int Column, int Channel), int> known = [];
        int[] counts = new int[program.Layers.Layers.Length];
        foreach (MappedTile tile in program.Layers.Tiles)
        {
            int layer = program.Layers.InstructionLayers[tile.Instruction];
            if (layer < 0)
                continue;
            var key = (layer, tile.FirstImage, tile.FirstRow, tile.FirstColumn, tile.FirstChannel);
            if (!known.TryGetValue(key, out int number))
                known[key] = number = counts[layer]++;
            numbers[tile.Instruction] = number;
        }

        Spread(program, numbers, Enumerable.Range(0, numbers.Length), store: true);
        Spread(program, numbers, Enumerable.Range(0, numbers.Length).Reverse(), store: false);
        return numbers;
    }

    // Hands the number of the last tile seen in a layer to its instructions that have none.
    private static void Spread(EbspProgram program, int[] numbers, IEnumerable<int> instructions, bool store)
    {
        int[] last = new int[program.Layers.Layers.Length];
        Array.Fill(last, -1);
        foreach (int i in instructions)
        {
            if (program.Layers.InstructionLayers[i] is not (>= 0 and var layer))
                continue;
            if (numbers[i] >= 0)
                last[layer] = numbers[i];
            else if (program.Code[i].Opcode == Opcode.Store == store)
                numbers[i] = last[layer];
        }
    }
}
