using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests.Models;

/// <summary>Programs that models are made of.</summary>
internal static class ModelPrograms
{
    private static readonly PatternFormat Input = PatternFormat.Window(8, 4, signed: false);

    /// <summary>A few multiplications: 3 classes from images of 3 x 1 x 1, for a batch of any size up to 64.</summary>
    public static EbspProgram Linear(int batch, int transform = 0) => Linear(batch, transform, isTwice: false);

    /// <summary>The same with its classes as a second output too, behind exp.</summary>
    public static EbspProgram TwoOutputs(int batch) => Linear(batch, 0, isTwice: true);

    private static EbspProgram Linear(int batch, int transform, bool isTwice)
    {
        TileProgram program = new(9);
        program.Weights(3, 6, PatternFormat.Window(6, 3, signed: true), plain: true, out int weights);
        program.Add(Opcode.Load, (Field.DramRegion, (long)Region.Input), (Field.ElementBits, 8), (Field.Images, batch),
            (Field.ChannelGroups, 1), (Field.DramImagePitch, 8), (Field.BufferImagePitch, 8), (Field.BufferAddress, 4096));
        Instruction array = program.Add(Opcode.MatMul, (Field.Images, batch), (Field.SrcChannels, 6), (Field.Channels, 3),
            (Field.WeightFormat, FormatField.Encode(PatternFormat.Window(6, 3, signed: true))), (Field.WeightCoding, 1),
            (Field.WeightAddress, weights));
        new TensorOperand(4096, Input, 8, 8, 8).Write(array, Field.SrcAddress);
        VectorConstants constants = new(1, int.MinValue + 1, int.MaxValue, 0, [2], false, [], null);
        Instruction vector = program.Add(Opcode.Vector, (Field.Images, batch), (Field.Channels, 3), (Field.SrcSpace, 1),
            (Field.Constants, program.AddTable(constants.Encode())));
        TensorOperand.Dense(0, PatternFormat.Int32, 1, 1, 3).Write(vector, Field.SrcAddress);
        TensorOperand.Dense(8192, PatternFormat.Int32, 1, 1, 3).Write(vector, Field.DstAddress);
        program.Add(Opcode.Store, (Field.DramRegion, (long)Region.Output), (Field.ElementBits, 32), (Field.Images, batch),
            (Field.ChannelGroups, 1), (Field.DramImagePitch, 32), (Field.BufferImagePitch, 32), (Field.BufferAddress, 8192));
        if (!isTwice)
            return program.Build(io: Io(batch, transform, ["red", "green", "blue"]));
        program.Add(Opcode.Store, (Field.DramRegion, (long)Region.Output), (Field.ElementBits, 32), (Field.Images, batch),
            (Field.DramAddress, 32 * batch), (Field.ChannelGroups, 1), (Field.DramImagePitch, 32), (Field.BufferImagePitch, 32),
            (Field.BufferAddress, 8192));
        ProgramIo io = Io(batch, transform, ["red", "green", "blue"]);
        return program.Build(io: io with { OtherOutputs = [io.Output with { Name = "z", Transform = OutputTransforms.Exp }] });
    }

    /// <summary>One instruction that keeps the literal engine busy for longer than a second, on zeros.</summary>
    public static EbspProgram Slow()
    {
        TileProgram program = new(1);
        Instruction array = program.Add(Opcode.Conv,
            (Field.Rows, 64), (Field.Columns, 64), (Field.SrcRows, 91), (Field.SrcColumns, 91), (Field.KernelRows, 28),
                (Field.KernelColumns, 28), (Field.SrcChannels, 16), (Field.Channels, 16),
            (Field.StrideY, 1), (Field.StrideX, 1), (Field.DilationY, 1), (Field.DilationX, 1),
            (Field.WeightFormat, FormatField.Encode(PatternFormat.Window(2, 1, signed: true))), (Field.WeightCoding, 1),
                (Field.WeightAddress, 200_000));
        TensorOperand.Dense(0, Input, 91, 91, 16).Write(array, Field.SrcAddress);
        return program.Build(loadBuffer: false, Io(1, 0, []), TileProgram.Arch with { BufferBytes = 1 << 20, PsumBytes = 1 << 18 });
    }

    /// <summary>Linear, but one weight is a code that no value has: every run traps.</summary>
    public static EbspProgram Trapping()
    {
        EbspProgram program = Linear(1);
        byte[] weights = program.Weights.ToArray();
        weights[0] = weights[0] = 0b0010_0000;
        return program with { Weights = weights };
    }

    private static ProgramIo Io(int batch, int transform, string[] labels)
    {
        short[] table = [.. Enumerable.Range(0, 256).Select(pixel => (short)pixel)];
        return new ProgramIo(batch, new ProgramInput("x", 3, 1, 1, 2, Input, 0.5, [.. table, .. table, .. table], true),
            new ProgramOutput("y", 3, 1, 1, 0.25, transform), [.. labels]);
    }
}
