using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Programs;

/// <summary>The rules of the layer map: reports and comparisons index by it.</summary>
internal static class LayerMapValidator
{
    public static void Check(EbspProgram program, long codeOffset)
    {
        LayerMap map = program.Layers;
        if (map.InstructionLayers.Length != program.Code.Length)
            throw Broken(ProgramRule.LayerMap, $"it has {map.InstructionLayers.Length} entries for {program.Code.Length} instructions");
        foreach (int layer in map.InstructionLayers)
        {
            if (layer < -1 || layer >= map.Layers.Length)
                throw Broken(ProgramRule.LayerMap, $"layer {layer} is not one of the {map.Layers.Length} layers");
        }

        foreach (MappedTensor tensor in map.Tensors)
        {
            if (!ProgramValidator.IsTensorShape(tensor, program.Io.Batch))
                throw Broken(ProgramRule.LayerMap,
                    $"tensor {tensor.Name} of {tensor.Channels} x {tensor.Height} x {tensor.Width} is no possible one");
        }

        foreach (MappedPart part in map.Parts)
        {
            if (part.Tensor < 0 || part.Tensor >= map.Tensors.Length || part.First < 0 || part.RowStep < 0 || part.ColumnStep < 0)
                throw Broken(ProgramRule.LayerMap, $"a part of tensor {part.Into} is none of its {map.Tensors.Length} tensors");
            MappedTensor tensor = map.Tensors[part.Tensor];
            if (!ProgramValidator.IsTensorShape(tensor with { Height = part.Height, Width = part.Width }, program.Io.Batch)
                || part.First + (tensor.Height - 1L) * part.RowStep + (tensor.Width - 1L) * part.ColumnStep
                    >= (long)part.Height * part.Width)
                throw Broken(ProgramRule.LayerMap, $"tensor {tensor.Name} does not lie inside {part.Into}");
        }

        for (int i = 0; i < map.Tiles.Length; i++)
        {
            if (i > 0 && (map.Tiles[i - 1].Instruction, map.Tiles[i - 1].Tensor)
                .CompareTo((map.Tiles[i].Instruction, map.Tiles[i].Tensor)) >= 0)
                throw Broken(ProgramRule.Tile, $"tile {i} does not come after the one before it, by instruction and tensor");
            CheckTile(program, i, codeOffset);
        }
    }

    private static void CheckTile(EbspProgram program, int index, long codeOffset)
    {
        MappedTile tile = program.Layers.Tiles[index];
        if (tile.Instruction < 0 || tile.Instruction >= program.Code.Length || tile.Tensor < 0
            || tile.Tensor >= program.Layers.Tensors.Length)
            throw Broken(ProgramRule.Tile,
                $"tile {index} names instruction {tile.Instruction} and tensor {tile.Tensor}, which do not exist");
        Instruction i = program.Code[tile.Instruction];
        long at = codeOffset < 0 ? -1 : codeOffset + (long)tile.Instruction * Instruction.SizeBytes;
        if (InstructionView.Of(i).Result is not { Tile: var result })
            throw new EbspFormatException(ProgramRule.Tile, at, $"instruction {tile.Instruction} ({i.Definition.Mnemonic})",
                "it writes no tile, but the layer map gives it one");
        MappedTensor tensor = program.Layers.Tensors[tile.Tensor];
        if (!Fits(tile.FirstImage, result.Images, program.Io.Batch)
            || !Fits(tile.FirstRow, result.Rows, tensor.Height)
            || !Fits(tile.FirstColumn, result.Columns, tensor.Width)
            || !Fits(tile.FirstChannel, result.Channels, tensor.Channels))
        {
            throw new EbspFormatException(ProgramRule.Tile, at, $"instruction {tile.Instruction} ({i.Definition.Mnemonic})",
                $"its tile is not inside tensor {tensor.Name}");
        }
    }

    private static bool Fits(int first, long count, int size) => first >= 0 && first + count <= size;

    private static EbspFormatException Broken(ProgramRule rule, string cause) => new(rule, -1, "section layers", cause);
}
