using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Tests;

/// <summary>Random valid instructions.</summary>
internal static class RandomTiles
{
    public static PatternFormat PatternOf(Random random)
    {
        while (true)
        {
            int bits = random.Next(1, 9);
            int length = random.Next(1, 5);
            bool signed = random.Next(2) == 0;
            FormatKind kind = random.Next(4) == 0 ? FormatKind.SingleRun : FormatKind.Window;
            if (PatternFormat.IsValid(bits, length, signed, kind))
                return PatternFormat.Create(bits, length, signed, kind);
        }
    }

    public static PatternFormat AnyOf(Random random) => random.Next(5) switch
    {
        0 => PatternFormat.Int16,
        1 => PatternFormat.Int32,
        2 => PatternFormat.Uniform(random.Next(2, 9), random.Next(2) == 0),
        _ => PatternOf(random),
    };

    public static PatternFormat ByteOf(Random random) => random.Next(3) == 0
        ? PatternFormat.Uniform(random.Next(2, 9), random.Next(2) == 0)
        : PatternOf(random);

    /// <summary>What the oracle needs to know of an array instruction.</summary>
    public sealed record ArrayTile(Instruction Instruction, TensorOperand Source, int[] Weights, int[] Biases, int SrcChannels, int Groups);

    public static ArrayTile Array(TileProgram program, Opcode opcode, int start, long psum)
    {
        Random random = program.Random;
        bool matMul = opcode == Opcode.MatMul;
        PatternFormat format = PatternOf(random);
        PatternFormat weightFormat = PatternOf(random);
        bool plain = random.Next(3) == 0;
        int groups = matMul || random.Next(3) > 0 ? 1 : random.Next(2, 4);
        int srcChannels = random.Next(1, matMul ? 70 : 24);
        int channels = groups * random.Next(1, random.Next(2) == 0 ? 40 : 12);
        if (opcode == Opcode.Depthwise)
        {
            srcChannels = 1;
            groups = random.Next(1, 40);
            channels = groups * (random.Next(2) == 0 ? 1 : random.Next(1, 3));
        }

        int images = random.Next(1, matMul ? 15 : 3);
        int rows = matMul ? 1 : random.Next(1, 7);
        int columns = matMul ? 1 : random.Next(1, 7);
        int srcRows = matMul ? 1 : random.Next(1, 9);
        int srcColumns = matMul ? 1 : random.Next(1, 9);
        TensorOperand source = program.Tensor(format, images, srcRows, srcColumns, groups * srcChannels);
        Instruction instruction = program.Add(opcode, (Field.Images, images), (Field.Channels, channels));
        source.Write(instruction, Field.SrcAddress);
        int taps = 1;
        if (!matMul)
        {
            taps = KernelWindow(random, instruction, srcRows, srcColumns, rows, columns);
            instruction[Field.Rows] = rows;
            instruction[Field.Columns] = columns;
        }

        if (opcode == Opcode.Depthwise)
            instruction[Field.Multiplier] = channels / groups;
        else
            instruction[Field.SrcChannels] = srcChannels;
        if (opcode == Opcode.Conv)
            instruction[Field.Groups] = groups;
        int[] weights = program.Weights(channels, taps * srcChannels, weightFormat, plain, out int weightAddress);
        int[] biases = program.Biases(channels, out int biasAddress);
        instruction[Field.WeightAddress] = weightAddress;
        instruction[Field.WeightFormat] = FormatField.Encode(weightFormat);
        instruction[Field.WeightCoding] = plain ? 1 : 0;
        instruction[Field.Start] = start;
        instruction[Field.BiasAddress] = biasAddress;
        instruction[Field.PsumAddress] = psum;
        // No result depends on how many pixels stand side by side.
        instruction[Field.UnrollColumns] = random.Next(2) == 0 ? 1 : random.Next(1, 5);
        if (!matMul)
            instruction[Field.UnrollRows] = random.Next(2) == 0 ? 1 : random.Next(1, 4);
        return new ArrayTile(instruction, source, weights, biases, srcChannels, groups);
    }

    /// <summary>Fields of a window; returns its taps.</summary>
    public static int KernelWindow(Random random, Instruction instruction, int srcRows, int srcColumns, int rows, int columns)
    {
        int kernelRows = random.Next(1, 4);
        int kernelColumns = random.Next(1, 4);
        instruction[Field.KernelRows] = kernelRows;
        instruction[Field.KernelColumns] = kernelColumns;
        instruction[Field.StrideY] = random.Next(1, 3);
        instruction[Field.StrideX] = random.Next(1, 3);
        instruction[Field.DilationY] = random.Next(1, 3);
        instruction[Field.DilationX] = random.Next(1, 3);
        instruction[Field.PadTop] = random.Next(0, 3);
        instruction[Field.PadLeft] = random.Next(0, 3);
        instruction[Field.SrcRows] = srcRows;
        instruction[Field.SrcColumns] = srcColumns;
        return kernelRows * kernelColumns;
    }

    public static Instruction Vector(TileProgram program, TensorOperand source, bool fromPsum, int images, int rows, int columns,
        int channels)
    {
        Random random = program.Random;
        PatternFormat format = AnyOf(random);
        bool product = random.Next(4) == 0;
        int groups = (channels + 7) / 8;
        int addGroups = random.Next(3) switch { 0 => 0, 1 => groups, _ => random.Next(0, groups + 1) };
        int addFirst = addGroups == groups ? 0 : random.Next(0, groups - addGroups + 1);
        PatternFormat addFormat = ByteOf(random);
        TensorOperand add = program.Tensor(random.Next(4) == 0 ? PatternFormat.Int16 : addFormat, images, rows, columns,
            Math.Max(addGroups, 1) * 8);
        bool inPlace = !fromPsum && random.Next(4) == 0 && source.Format.SlotBytes == format.SlotBytes;
        TensorOperand target = inPlace ? source with { Format = format } : program.Place(format, images, rows, columns, channels);
        if (random.Next(12) == 0)
            target = target with { Address = Math.Max(0, target.Address - 8 * random.Next(1, 4)) };
        CountedKernel? window = random.Next(5) > 0 ? null : new CountedKernel(
            random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3), random.Next(-2, 1), random.Next(-2, 1),
                random.Next(1, 6), random.Next(1, 6));
        bool perChannel = window is null && random.Next(2) == 0;
        int[] multipliers = new int[window is { } w ? w.KernelRows * w.KernelColumns : perChannel ? channels : 1];
        int bits = random.Next(2, 32);
        for (int i = 0; i < multipliers.Length; i++)
            multipliers[i] = (int)random.NextInt64(product ? 0 : -(1L << bits) + 1, 1L << bits);
        long[] offsets = new long[random.Next(2) == 0 ? channels : 0];
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = random.NextInt64(-1L << 50, 1L << 50) >> random.Next(0, 50);
        int limit = format.Bits == 32 ? int.MaxValue : (1 << format.MagnitudeBits) - 1;
        int hi = random.Next(3) == 0 ? random.Next(0, limit) : limit;
        int lo = !format.Signed ? random.Next(0, Math.Min(hi, 3)) : random.Next(2) == 0 ? -limit : -random.Next(0, limit);
        VectorConstants constants =
            new(random.Next(3) == 0 ? random.Next(1, 63) : random.Next(1, 36), lo, hi,
            random.Next(int.MinValue + 1, int.MaxValue) >> random.Next(0, 31),
            multipliers, perChannel, offsets, window);
        Instruction instruction =
            program.Add(Opcode.Vector, (Field.Images, images), (Field.Rows, rows), (Field.Columns, columns), (Field.Channels, channels),
            (Field.SrcSpace, fromPsum ? 1 : 0), (Field.Mode, product ? 1 : 0), (Field.Term, random.Next(3)),
                (Field.AddFirstGroup, addFirst), (Field.AddGroups, addGroups),
            (Field.Constants, program.AddTable(constants.Encode())));
        source.Write(instruction, Field.SrcAddress);
        add.Write(instruction, Field.AddAddress);
        target.Write(instruction, Field.DstAddress);
        return instruction;
    }
}
