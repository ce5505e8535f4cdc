using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

/// <summary>Synchronized code as assembly text, with the layer of each instruction and the tile that it completes as comments.</summary>
public static class CodeListing
{
    /// <summary>Writes the code, a line an instruction.</summary>
    public static string Write(IReadOnlyList<Emission> code, ImmutableArray<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(code);
        StringBuilder text = new();
        foreach ((Instruction instruction, int layer, EmittedTile? tile) in code)
        {
            text.Append(Disassembler.Write(instruction)).Append("  ; ").Append(layer < 0 ? "-" : layers[layer].Name);
            if (tile is not null)
                text.Append(CultureInfo.InvariantCulture, $" {tile.Tensor} from {tile.Image}, {tile.Row}, {tile.Column}, {tile.Channel}");
            text.Append('\n');
        }

        return text.ToString();
    }
}
