using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>Local response normalization of every pixel.</summary>
internal static class ResponseNormReference
{
    public static int[] Run(ResponseNorm op, int[] map, Shape shape)
    {
        int[] result = new int[map.Length];
        for (int at = 0; at < map.Length; at += shape.Channels)
        {
            LocalResponse.Normalize(map.AsSpan(at, shape.Channels), result.AsSpan(at, shape.Channels),
                op.Size, op.Factors.AsSpan(), op.Shift, op.Lo, op.Hi, op.Format);
        }

        return result;
    }
}
