using System.Buffers.Binary;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>What the host writes into the input region, outside machine time: integers, split into terms, as packed codes.</summary>
public static class InputEncoder
{
    /// <summary>The integer of a real input: floor(x / scale + 0.5) in double, saturated to the format's width.</summary>
    /// <param name="x">Preprocessed input value.</param>
    /// <param name="scale">Real value of one unit.</param>
    /// <param name="format">Format of the terms; the sum of two terms saturates at 2^M - 1, one term at the largest pattern value.</param>
    /// <exception cref="ArgumentException">x is not a number.</exception>
    public static int Quantize(float x, double scale, PatternFormat format)
    {
        if (float.IsNaN(x))
            throw new ArgumentException("an input value is not a number", nameof(x));
        int limit = (1 << format.MagnitudeBits) - 1;
        return (int)Math.Clamp(Math.Floor(x / scale + 0.5), format.Signed ? -limit : 0, limit);
    }

    /// <summary>The terms of an integer: with one term its projection.</summary>
    public static int TermOf(int value, int term, int terms, PatternFormat format) =>
        terms == 1 ? Projection.Project(value, format)
            : term == 0 ? Projection.FirstTerm(value, format)
            : Projection.SecondTerm(value, format);

    /// <summary>Integers of raw pixels through the table.</summary>
    /// <param name="input">The program's input.</param>
    /// <param name="pixels">[C][H][W], one byte each; RGB.</param>
    /// <param name="integers">[C][H][W].</param>
    public static void QuantizePixels(ProgramInput input, ReadOnlySpan<byte> pixels, Span<short> integers)
    {
        int plane = input.Height * input.Width;
        for (int c = 0; c < input.Channels; c++)
        {
            ReadOnlySpan<short> table = input.PixelTable.AsSpan().Slice(c * 256, 256);
            ReadOnlySpan<byte> source = pixels.Slice((input.ReverseChannels ? input.Channels - 1 - c : c) * plane, plane);
            Span<short> target = integers.Slice(c * plane, plane);
            for (int i = 0; i < plane; i++)
                target[i] = table[source[i]];
        }
    }

    /// <summary>Integers of preprocessed values.</summary>
    /// <param name="input">The program's input.</param>
    /// <param name="values">[C][H][W], in the network's channel order.</param>
    /// <param name="integers">[C][H][W].</param>
    /// <exception cref="ArgumentException">A value is not a number.</exception>
    public static void QuantizeValues(ProgramInput input, ReadOnlySpan<float> values, Span<short> integers)
    {
        for (int i = 0; i < integers.Length; i++)
            integers[i] = (short)Quantize(values[i], input.Scale, input.Format);
    }

    /// <summary>Writes one image into the input region.</summary>
    /// <param name="input">The program's input.</param>
    /// <param name="integers">[C][H][W].</param>
    /// <param name="image">ImageBytes bytes of the region.</param>
    public static void Write(ProgramInput input, ReadOnlySpan<short> integers, Span<byte> image)
    {
        int plane = input.Height * input.Width;
        int bits = input.Format.Bits;
        Span<byte> eight = stackalloc byte[8];
        for (int pixel = 0; pixel < plane; pixel++)
        {
            for (int group = 0; group < input.Groups; group++)
            {
                ulong codes = 0;
                for (int lane = 0; lane < 8; lane++)
                {
                    int channel = group * 8 + lane;
                    if (channel >= input.Terms * input.Channels)
                        break;
                    int value = integers[channel % input.Channels * plane + pixel];
                    int term = TermOf(value, channel / input.Channels, input.Terms, input.Format);
                    codes |= (ulong)(uint)SlotCode.Encode(term, input.Format) << (lane * bits);
                }

                BinaryPrimitives.WriteUInt64LittleEndian(eight, codes);
                eight[..bits].CopyTo(image[((pixel * input.Groups + group) * bits)..]);
            }
        }
    }
}
