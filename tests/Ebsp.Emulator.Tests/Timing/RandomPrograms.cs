using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Emulator.Tests.Timing;

/// <summary>Small random programs with random waits and signals; some of them hang.</summary>
internal static class RandomPrograms
{
    private static readonly Opcode[] Opcodes =
    [
        Opcode.Load, Opcode.Load, Opcode.Store, Opcode.Store, Opcode.Vector, Opcode.Vector, Opcode.Vector, Opcode.Lut, Opcode.MatMul,
            Opcode.Conv, Opcode.Depthwise,
        Opcode.Pool, Opcode.Host, Opcode.Sync, Opcode.Mark, Opcode.Perf, Opcode.Nop,
    ];

    public static ArchSpec Machine(Random random) => TimingPrograms.Machine with
    {
        QueueDepth = random.Next(1, 5),
        FetchCycles = random.Next(1, 4),
        DramLatencyCycles = random.Next(3) * random.Next(12),
        DramBurstBytes = 1 << random.Next(8),
        DramBytesPerSecond = random.Next(1, 40) * 700_000_001L,
        LoadPortBytesPerCycle = 1 << random.Next(7),
        StorePortBytesPerCycle = random.Next(1, 70),
        HostCyclesPerElement = random.Next(1, 4),
        DepthwiseMapping = (DepthwiseMapping)random.Next(3),
    };

    public static Instruction[] Code(Random random)
    {
        int[] signals = new int[5];
        List<Instruction> code = [];
        for (int count = random.Next(1, 45); count > 0; count--)
        {
            Instruction instruction = new(Opcodes[random.Next(Opcodes.Length)]);
            Fill(instruction, random);
            foreach (FieldDefinition field in instruction.Definition.Fields)
            {
                if (!field.Name.StartsWith("wait", StringComparison.Ordinal) || random.Next(4) != 0)
                    continue;
                // Mostly a value that the instructions before it can reach; now and then one that only later ones, or none, bring.
                int counter = random.Next(1, signals.Length);
                FieldDefinition until = instruction.Definition.Fields.Single(f => f.Name == "until" + field.Name[4..]);
                instruction[field.Id] = counter;
                instruction[until.Id] = random.Next(0, signals[counter] + 1 + (random.Next(25) == 0 ? 2 : 0));
            }

            if (random.Next(2) == 0)
                signals[(int)(instruction[Field.Signal] = random.Next(1, signals.Length))]++;
            code.Add(instruction);
        }

        code.Add(new Instruction(Opcode.End));
        return [.. code];
    }

    /// <summary>A LOAD or STORE of random extents and pitches: dense, with gaps, with overlaps.</summary>
    public static Instruction Transfer(Random random, Opcode opcode, int limit)
    {
        Instruction transfer = new(opcode);
        transfer[Field.DramRegion] = random.Next(2, 5);
        transfer[Field.DramAddress] = random.Next(1000);
        transfer[Field.ElementBits] = new[] { 1, 3, 5, 6, 8, 8, 16, 32 }[random.Next(8)];
        transfer[Field.ChannelGroups] = random.Next(1, 4);
        transfer[Field.Images] = random.Next(1, 3);
        transfer[Field.Rows] = random.Next(1, limit);
        transfer[Field.Columns] = random.Next(1, limit);
        long pixel = transfer[Field.ChannelGroups] * transfer[Field.ElementBits];
        transfer[Field.DramPixelPitch] = Pitch(pixel);
        transfer[Field.DramRowPitch] = Pitch(transfer[Field.Columns] * (random.Next(3) == 0 ? transfer[Field.DramPixelPitch] : pixel));
        transfer[Field.DramImagePitch] =
            Pitch(transfer[Field.Rows] * (random.Next(3) == 0 ? transfer[Field.DramRowPitch] : transfer[Field.Columns] * pixel));
        return transfer;

        long Pitch(long dense) => random.Next(4) switch { 0 => random.Next(200), 1 => dense + random.Next(100_000), _ => dense };
    }

    private static void Fill(Instruction instruction, Random random)
    {
        if (instruction.Unit is Unit.Load or Unit.Store && instruction.Opcode is Opcode.Load or Opcode.Store)
        {
            Instruction transfer = Transfer(random, instruction.Opcode, 4);
            foreach (FieldDefinition field in transfer.Definition.Fields)
                instruction[field.Id] = transfer[field.Id];
            return;
        }

        foreach (FieldDefinition field in instruction.Definition.Fields)
        {
            switch (field.Id)
            {
                case Field.Images or Field.Rows or Field.Columns or Field.KernelRows or Field.KernelColumns or Field.Groups
                    or Field.Multiplier:
                    instruction[field.Id] = random.Next(1, 4);
                    break;
                case Field.UnrollRows or Field.UnrollColumns or Field.StrideY or Field.StrideX or Field.DilationY or Field.DilationX:
                    instruction[field.Id] = random.Next(2) == 0 ? 1 : random.Next(1, 3);
                    break;
                case Field.SrcChannels:
                    instruction[field.Id] = random.Next(1, 20);
                    break;
                case Field.Channels:
                    instruction[field.Id] = random.Next(1, 13);
                    break;
                case Field.TargetUnit:
                    instruction[field.Id] = random.Next(1, 7);
                    break;
                case Field.Constants:
                    instruction[field.Id] = instruction.Opcode == Opcode.Lut ? 8 * random.Next(2) : 64 * random.Next(2);
                    break;
            }
        }
    }
}
