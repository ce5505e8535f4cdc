using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator;

/// <summary>
/// The order of execution. Waits and signals do not depend on data, so it is found once: fetch hands instructions to the units' bounded
/// queues in program order; a unit's head starts, and leaves the queue, when its counters are reached; it signals when it is done.
/// </summary>
internal sealed class Schedule
{
    private static readonly (Field Counter, Field Value)[] HeaderWaits = [(Field.Wait0Counter, Field.Wait0Value), (Field.Wait1Counter, Field.Wait1Value)];

    private static readonly (Field Counter, Field Value)[] SyncWaits =
    [
        .. HeaderWaits, (Field.Wait2Counter, Field.Wait2Value), (Field.Wait3Counter, Field.Wait3Value),
        (Field.Wait4Counter, Field.Wait4Value), (Field.Wait5Counter, Field.Wait5Value),
    ];

    private Schedule(int[] order, int blocked)
    {
        Order = order;
        Blocked = blocked;
    }

    /// <summary>Indices of the instructions, in the order of execution.</summary>
    public int[] Order { get; }

    /// <summary>-1, or the first instruction in program order that waits for ever once <see cref="Order"/> has been executed.</summary>
    public int Blocked { get; }

    /// <summary>The order for a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="seed">Null: the first in program order goes first; else a pseudo-random choice.</param>
    public static Schedule Of(EbspProgram program, int? seed)
    {
        // A generator of our own: the sequence of a seed must not change with the runtime.
        ulong random = (ulong)(uint)seed.GetValueOrDefault() * 0x9E3779B97F4A7C15 + 1;
        Queue<int>[] queues = [.. Enumerable.Range(0, (int)Unit.Host + 1).Select(_ => new Queue<int>())];
        long[] counters = new long[256];
        List<int> order = new(program.Code.Length);
        List<int> ready = [];
        int fetched = 0;
        int last = program.Code.Length - 1;
        while (order.Count < last)
        {
            while (fetched < last && queues[(int)program.Code[fetched].Unit] is var queue && queue.Count < program.Arch.QueueDepth)
                queue.Enqueue(fetched++);
            ready.Clear();
            int blocked = last;
            foreach (Queue<int> unit in queues)
            {
                if (unit.TryPeek(out int head) && IsReady(program.Code[head], counters))
                    ready.Add(head);
                else if (unit.Count > 0)
                    blocked = Math.Min(blocked, head);
            }

            if (ready.Count == 0)
                return new Schedule([.. order], blocked);
            ready.Sort();
            random = random * 6364136223846793005 + 1442695040888963407;
            int next = ready[seed is null ? 0 : (int)((random >> 33) % (ulong)ready.Count)];
            Instruction instruction = program.Code[next];
            queues[(int)instruction.Unit].Dequeue();
            if (instruction[Field.Signal] is not 0 and var signal)
                counters[signal]++;
            order.Add(next);
        }

        order.Add(last);
        return new Schedule([.. order], -1);
    }

    private static bool IsReady(Instruction instruction, long[] counters)
    {
        foreach ((Field counter, Field value) in instruction.Opcode == Opcode.Sync ? SyncWaits : HeaderWaits)
        {
            if (instruction[counter] is not 0 and var index && counters[index] < instruction[value])
                return false;
        }

        return true;
    }
}
