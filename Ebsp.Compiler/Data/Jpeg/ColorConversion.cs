namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>From Y, Cb, Cr to R, G, B (JFIF 1.02) in the 16-bit fixed point of the IJG and libjpeg-turbo.</summary>
internal static class ColorConversion
{
    private const int Half = 1 << 15;
    private const int RedCr = 91881, GreenCb = 22554, GreenCr = 46802, BlueCb = 116130; // 1.402, 0.344136, 0.714136, 1.772 times 2^16

    /// <summary>Converts three planes in place.</summary>
    public static void ToRgb(Span<byte> pixels, int plane)
    {
        for (int i = 0; i < plane; i++)
        {
            int y = pixels[i], cb = pixels[plane + i] - 128, cr = pixels[2 * plane + i] - 128;
            pixels[i] = (byte)Math.Clamp(y + ((RedCr * cr + Half) >> 16), 0, 255);
            pixels[plane + i] = (byte)Math.Clamp(y + ((-GreenCb * cb - GreenCr * cr + Half) >> 16), 0, 255);
            pixels[2 * plane + i] = (byte)Math.Clamp(y + ((BlueCb * cb + Half) >> 16), 0, 255);
        }
    }
}
