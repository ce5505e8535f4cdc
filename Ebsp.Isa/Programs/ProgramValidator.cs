using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>
/// The static rules of a program. What keeps to them can be executed, compared and reported without an index out of range; what is
/// left to run time is deadlock and operands outside their formats.
/// </summary>
public static class ProgramValidator
{
    /// <summary>Bytes that all regions may take together: 4 GiB.</summary>
    public const long MaxMemoryBytes = 1L << 32;

    /// <summary>Bytes that one region, or one tensor's elements, may take: an array holds them.</summary>
    public const long MaxRegionBytes = (1L << 31) - 64;

    /// <summary>Products of one array instruction, or taps of one pool: seconds in an emulator, which looks for cancellation between
    /// instructions.</summary>
    public const long MaxProducts = 1L << 36;

    private const int MaxBatch = 4095;
    private const int MaxExtent = 65_535;
    private const int MaxTensorExtent = 1 << 24;

    /// <summary>Checks every rule.</summary>
    /// <param name="program">The program.</param>
    /// <param name="codeOffset">Where its first word stands in the file, for messages; -1 if it is in no file.</param>
    /// <exception cref="EbspFormatException">The first rule that is broken.</exception>
    public static void Check(EbspProgram program, long codeOffset = -1)
    {
        ArgumentNullException.ThrowIfNull(program);
        CheckRegions(program);
        CheckIo(program);
        CheckHost(program);
        CheckProvenance(program.Provenance);
        CheckCode(program, codeOffset);
        LayerMapValidator.Check(program, codeOffset);
    }

    private static void CheckRegions(EbspProgram program)
    {
        long total = 0;
        foreach (Region region in Enum.GetValues<Region>())
        {
            long size = program.SizeOf(region);
            // What is in the file is read in words of 8 bytes, also at its end.
            int multiple = region is Region.Weights or Region.Tables ? 8 : 1;
            if (size < 0 || size > MaxRegionBytes || size % multiple != 0)
                throw new EbspFormatException(ProgramRule.RegionSize, -1, Where(region),
                    $"its size must be a multiple of {multiple} in 0..{MaxRegionBytes} bytes, not {size}");
            total += size;
        }

        if (total > MaxMemoryBytes)
            throw new EbspFormatException(ProgramRule.RegionSize, -1, "section regions",
                $"all memories take {total} bytes, more than {MaxMemoryBytes}");
    }

    private static void CheckIo(EbspProgram program)
    {
        ProgramIo io = program.Io;
        ProgramInput input = io.Input;
        if (io.Batch is < 1 or > MaxBatch)
            throw Io(ProgramRule.Io, $"a batch has 1..{MaxBatch} images, not {io.Batch}");
        if (io.OtherOutputs.Length >= ProgramIo.MaxOutputs)
            throw Io(ProgramRule.Io, $"a program has 1..{ProgramIo.MaxOutputs} outputs, not {io.OtherOutputs.Length + 1}");
        if (!IsShape(input.Channels, input.Height, input.Width, MaxExtent))
            throw Io(ProgramRule.Io, $"shapes of input and output have extents in 1..{MaxExtent}");
        long outputBytes = 0;
        foreach (ProgramOutput output in io.Outputs)
        {
            if (input.Terms is < 1 or > 2 || output.Transform < 0 || output.Transform >= OutputTransforms.Names.Count)
                throw Io(ProgramRule.Io, $"an input has 1 or 2 terms and transforms are 0..{
                    OutputTransforms.Names.Count - 1}, not {input.Terms} and {output.Transform}");
            if (!IsShape(output.Channels, output.Height, output.Width, MaxExtent))
                throw Io(ProgramRule.Io, $"shapes of input and output have extents in 1..{MaxExtent}");
            if (!IsScale(output.Scale))
                throw Io(ProgramRule.Scale, "the scales of input and output are positive and finite");
            outputBytes += io.Batch * output.ImageBytes;
        }

        if (input.Format.IsPattern ? input.Format.PatternLength > program.Arch.PatternLength
            : input.Format.Bits != PatternFormat.MaxOperandBits || input.Terms != 1)
            throw Io(ProgramRule.InputFormat,
                $"input format {input.Format} is neither a pattern format of at most k = {program.Arch.PatternLength} nor plain in one " +
                $"term of {PatternFormat.MaxOperandBits} bits");
        if (io.Batch * input.ImageBytes > program.Regions.InputBytes || outputBytes > program.Regions.OutputBytes)
            throw Io(ProgramRule.Io,
                $"a batch takes {io.Batch * input.ImageBytes} bytes of input and {outputBytes} of output, more than their regions have");
        int limit = (1 << input.Format.MagnitudeBits) - 1;
        int lowest = input.Format.Signed ? -limit : 0;
        if (input.PixelTable.Length != input.Channels * 256
            || input.PixelTable.AsSpan().ContainsAnyExceptInRange((short)lowest, (short)limit))
            throw Io(ProgramRule.PixelTable, $"the pixel table has 256 entries a channel in {lowest}..{limit}");
        if (!IsScale(input.Scale))
            throw Io(ProgramRule.Scale, "the scales of input and output are positive and finite");
        if (io.Labels.Length != 0 && io.Labels.Length != io.Output.Channels)
            throw Io(ProgramRule.Labels, $"{io.Labels.Length} labels for {io.Output.Channels} channels");
    }

    private static void CheckHost(EbspProgram program)
    {
        foreach (HostStep step in program.HostSteps)
        {
            if (!Enum.IsDefined(step.Kind))
                throw new EbspFormatException(ProgramRule.HostStep, -1, "section host",
                    $"step {step.Name} has unknown kind {(int)step.Kind}");
        }
    }

    private static void CheckProvenance(Provenance provenance)
    {
        if (provenance.SourceSha256.Length != 64 || !provenance.SourceSha256.All(char.IsAsciiHexDigitLower))
            throw new EbspFormatException(ProgramRule.Provenance, -1, "section provenance",
                "the source's SHA-256 has 64 lower-case hexadecimal digits");
    }

    private static void CheckCode(EbspProgram program, long codeOffset)
    {
        InstructionValidator validator = new(program, codeOffset);
        for (int i = 0; i < program.Code.Length; i++)
            validator.Check(i);
        if (program.Code.IsEmpty || program.Code[^1].Opcode != Opcode.End)
            throw new EbspFormatException(ProgramRule.End, codeOffset, "section code", "the last word must be end");
    }

    internal static bool IsTensorShape(MappedTensor tensor, long batch) =>
        IsShape(tensor.Channels, tensor.Height, tensor.Width, MaxTensorExtent)
        && (Int128)batch * tensor.Channels * tensor.Height * tensor.Width <= MaxRegionBytes;

    private static bool IsShape(int channels, int height, int width, int maximum) =>
        channels >= 1 && channels <= maximum && height >= 1 && height <= maximum && width >= 1 && width <= maximum;

    private static bool IsScale(double scale) => double.IsFinite(scale) && scale > 0;

    private static string Where(Region region) => $"region {region.ToString().ToLowerInvariant()}";

    private static EbspFormatException Io(ProgramRule rule, string cause) => new(rule, -1, "section io", cause);
}
