using System.Runtime.CompilerServices;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Literal;

/// <summary>
/// A processing element: table, adder, shifter, accumulator. An operand reaches it steered, as one word: the significand in bits 0..7 (the
/// activation's k bits to the left of the weight's), the shift from bit 8, the sign in bit 31. One addition of two such words forms
/// the table index, adds the shifts and multiplies the signs.
/// </summary>
internal readonly struct ProcessingElement
{
    private readonly int[] _table;

    /// <summary>A processing element with a machine's table.</summary>
    public ProcessingElement(ProductTable table)
    {
        int size = 1 << table.PatternLength;
        _table = new int[256];
        for (int ma = 0; ma < size; ma++)
        {
            for (int mw = 0; mw < size; mw++)
                _table[(ma << table.PatternLength) | mw] = table[ma, mw];
        }
    }

    /// <summary>Leading-one detector and multiplexer on the activation side of the array.</summary>
    public static int SteerActivation(int value, int patternLength)
    {
        PatternCode code = PatternCode.Steer(value, patternLength);
        return code.Significand << patternLength | code.Shift << 8 | (code.Negative ? int.MinValue : 0);
    }

    /// <summary>Leading-one detector and multiplexer on the weight side of the array.</summary>
    public static int SteerWeight(int value, int patternLength)
    {
        PatternCode code = PatternCode.Steer(value, patternLength);
        return code.Significand | code.Shift << 8 | (code.Negative ? int.MinValue : 0);
    }

    /// <summary>The sum after a run of products: sum + sign * (Table[ma][mw] &lt;&lt; (sa + sw)), int32, wrapping.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Accumulate(int sum, ReadOnlySpan<int> activations, ReadOnlySpan<int> weights)
    {
        int[] table = _table;
        weights = weights[..activations.Length];
        for (int i = 0; i < activations.Length; i++)
        {
            int code = activations[i] + weights[i];
            int magnitude = table[(byte)code] << (code >> 8);
            int sign = code >> 31;
            sum += (magnitude ^ sign) - sign;
        }

        return sum;
    }
}
