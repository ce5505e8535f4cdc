using System.Collections.Immutable;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>What goes into a program and what comes out.</summary>
/// <param name="Batch">Images of one run, 1..4095.</param>
/// <param name="Input">The network's input.</param>
/// <param name="Output">The network's output; the first of several.</param>
/// <param name="Labels">Class names of the first output, or empty.</param>
public sealed record ProgramIo(int Batch, ProgramInput Input, ProgramOutput Output, ImmutableArray<string> Labels)
{
    /// <summary>Most outputs of a program.</summary>
    public const int MaxOutputs = 1024;

    /// <summary>The outputs behind the first one; none of most networks.</summary>
    public ImmutableArray<ProgramOutput> OtherOutputs { get; init; } = [];

    /// <summary>All outputs in order. Each is dense in the output region, behind the whole batch of the one before it.</summary>
    public ImmutableArray<ProgramOutput> Outputs => [Output, .. OtherOutputs];

    /// <summary>First byte of an output in the output region.</summary>
    /// <param name="output">0 for the first.</param>
    public long OffsetOf(int output)
    {
        long offset = output == 0 ? 0 : Batch * Output.ImageBytes;
        for (int i = 0; i < output - 1; i++)
            offset += Batch * OtherOutputs[i].ImageBytes;
        return offset;
    }
}

/// <summary>
/// The input region: dense [N][H][W][ceil(terms*C/8)][8] codes of Format, packed B bits each (a group of 8 codes takes B bytes);
/// channels 0..C-1 hold the first term, C..2C-1 the second.
/// </summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Channels">Real channels C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Terms">1 or 2.</param>
/// <param name="Format">Format of each term, a pattern format.</param>
/// <param name="Scale">Real value of one unit: an input x is floor(x / Scale + 0.5), saturated.</param>
/// <param name="PixelTable">[C][256]: the integer of each raw pixel, preprocessing included, before it is split into terms.</param>
/// <param name="ReverseChannels">Whether channel c of the network takes channel C-1-c of raw pixels (BGR networks).</param>
public sealed record ProgramInput(
    string Name, int Channels, int Height, int Width, int Terms, PatternFormat Format, double Scale, ImmutableArray<short> PixelTable,
        bool ReverseChannels)
{
    /// <summary>Channel groups of 8 a pixel.</summary>
    public int Groups => (Terms * Channels + 7) / 8;

    /// <summary>Bytes of one image in the input region.</summary>
    public long ImageBytes => (long)Height * Width * Groups * Format.Bits;
}

/// <summary>One output in the output region: dense [N][H][W][ceil(C/8)][8] int32; the host gives float32 = q * Scale, then
/// Transform in double.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Channels">Classes C.</param>
/// <param name="Height">H, 1 for class scores.</param>
/// <param name="Width">W, 1 for class scores.</param>
/// <param name="Scale">Real value of one unit.</param>
/// <param name="Transform">0 none, 1 softmax, 2 log-softmax, 3 arg-max over the channels, 4 sigmoid, 5 exp, 6 and 7 division by the norm
/// of the channels; see <see cref="OutputTransforms"/>.</param>
public sealed record ProgramOutput(string Name, int Channels, int Height, int Width, double Scale, int Transform)
{
    /// <summary>Bytes of one image in the output region.</summary>
    public long ImageBytes => (long)Height * Width * ((Channels + 7) / 8) * 32;
}
