using Ebsp.Compiler.Data;
using Ebsp.Emulator;

namespace Ebsp.Compiler.Execution;

/// <summary>Images of a set into the input region of a machine.</summary>
public static class MachineImages
{
    /// <summary>Writes an image, raw pixels or preprocessed values as the set has them.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="n">Place in the batch, 0 .. batch - 1.</param>
    /// <param name="images">The set.</param>
    /// <param name="image">Number of the image in the set.</param>
    public static void WriteImage(this Machine machine, int n, ImageSet images, int image)
    {
        if (images.Values is null)
            machine.WriteImage(n, images.PixelsOf(image));
        else
            machine.WriteImage(n, images.ValuesOf(image));
    }

    /// <summary>Writes some images to the front of the batch, and zeros behind them.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="images">The set.</param>
    /// <param name="first">Number of the first image in the set.</param>
    /// <param name="count">Images, at most the batch.</param>
    public static void WriteBatch(this Machine machine, ImageSet images, int first, int count)
    {
        machine.Input.Clear();
        for (int n = 0; n < count; n++)
            machine.WriteImage(n, images, first + n);
    }
}
