using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>A table over slot codes.</summary>
internal static class LookUpReference
{
    public static int[] Run(LookUp op, int[] map, PatternFormat input)
    {
        int[] values = new int[256];
        for (int code = 0; code < values.Length; code++)
            SlotCode.TryDecode(op.Table[code], op.Format, out values[code]);
        return Array.ConvertAll(map, value => values[SlotCode.Encode(value, input)]);
    }
}
