using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests;

/// <summary>Runs a program on every engine and compares all memories after each instruction.</summary>
internal static class Runs
{
    public static IEnumerable<MachineOptions> FastOptions =>
        Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported)
            .Select(tier => new MachineOptions { Engine = EngineKind.Fast, Tier = tier });

    public static MachineOptions Literal { get; } = new() { Engine = EngineKind.Literal };

    public static void AssertAllEqual(EbspProgram program, string what, byte[]? input = null)
    {
        Log literal = Record(program, Literal, input);
        foreach (MachineOptions options in FastOptions)
        {
            Log fast = Record(program, options, input);
            string where = $"{what}, {options.Tier}";
            Assert.AreEqual(literal.Trap, fast.Trap, where);
            Assert.AreEqual(literal.Snapshots.Count, fast.Snapshots.Count, where);
            for (int i = 0; i < literal.Snapshots.Count; i++)
            {
                int at = literal.Snapshots[i].Bytes.AsSpan().CommonPrefixLength(fast.Snapshots[i].Bytes);
                if (at < literal.Snapshots[i].Bytes.Length)
                    Assert.Fail($"{where}: after instruction {program.Code[literal.Snapshots[i].Instruction]} byte {at} of buffer, " +
                        $"psum, output, arena is {fast.Snapshots[i].Bytes[at]}, not {literal.Snapshots[i].Bytes[at]}");
            }
        }
    }

    public static Log Record(EbspProgram program, MachineOptions options, byte[]? input = null, int runs = 1)
    {
        Machine machine = new(program, options);
        input?.CopyTo(machine.Input);
        Log log = new();
        machine.Observer = log;
        for (int run = 0; run < runs; run++)
        {
            log.Snapshots.Clear();
            log.Trap = null;
            try
            {
                machine.Run();
            }
            catch (EmulatorTrapException trap)
            {
                log.Trap = (trap.Kind, trap.Instruction, trap.Region, trap.Address, trap.Message);
            }
        }

        return log;
    }

    internal sealed class Log : IInstructionObserver
    {
        public List<(int Instruction, byte[] Bytes)> Snapshots { get; } = [];

        public (TrapKind Kind, int Instruction, Region? Region, long Address, string Message)? Trap { get; set; }

        public int[] Psums { get; private set; } = [];

        public void Executed(int instruction, MachineState state)
        {
            Psums = state.Psums.ToArray();
            Snapshots.Add((instruction,
                [.. state.Bytes(Region.Buffer), .. state.Bytes(Region.Psum), .. state.Bytes(Region.Output), .. state.Bytes(Region.Arena)]));
        }
    }
}
