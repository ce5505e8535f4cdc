using System.Collections.Immutable;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Isa.Verification;

/// <summary>
/// An order of execution. Waits and signals do not depend on data, so it is found without them: fetch hands instructions to the units'
/// bounded queues in program order; a unit's head starts, and leaves the queue, when its counters are reached; it signals when it is done.
/// </summary>
/// <remarks>
/// Counters are only raised and a unit has one head, so an instruction that can start still can after any other one has run: every
/// choice ends with the same instructions executed. Whether a program hangs does therefore not depend on the choice.
/// </remarks>
public sealed class ExecutionOrder
{
    private ExecutionOrder(ImmutableArray<int> order, int blocked) => (Order, Blocked) = (order, blocked);

    /// <summary>Indices of the instructions, in the order of execution.</summary>
    public ImmutableArray<int> Order { get; }

    /// <summary>-1, or the first instruction in program order that waits for ever once <see cref="Order"/> has been executed.</summary>
    public int Blocked { get; }

    /// <summary>The order for a program.</summary>
    /// <param name="program">A program that ends with END, its only one.</param>
    /// <param name="seed">Null: of the instructions that can start, the first in program order goes first; else a pseudo-random
    /// choice.</param>
    public static ExecutionOrder Of(EbspProgram program, int? seed)
    {
        ArgumentNullException.ThrowIfNull(program);
        // A generator of our own: the sequence of a seed must not change with the runtime.
        ulong random = (ulong)(uint)seed.GetValueOrDefault() * 0x9E3779B97F4A7C15 + 1;
        int last = program.Code.Length - 1;
        CounterWait[][] waits = [.. program.Code.Select(instruction => CounterWait.Of(instruction).ToArray())];
        Queue<int>[] queues = [.. Enumerable.Range(0, (int)Unit.Host + 1).Select(_ => new Queue<int>())];
        long[] counters = new long[256];
        List<int> order = new(program.Code.Length);
        List<int> ready = [];
        int fetched = 0;
        while (order.Count < last)
        {
            while (fetched < last && queues[(int)program.Code[fetched].Unit] is var queue && queue.Count < program.Arch.QueueDepth)
                queue.Enqueue(fetched++);
            ready.Clear();
            int blocked = last;
            foreach (Queue<int> unit in queues)
            {
                if (unit.TryPeek(out int head) && Array.TrueForAll(waits[head], wait => counters[wait.Counter] >= wait.Value))
                    ready.Add(head);
                else if (unit.Count > 0)
                    blocked = Math.Min(blocked, head);
            }

            if (ready.Count == 0)
                return new ExecutionOrder([.. order], blocked);
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
        return new ExecutionOrder([.. order], -1);
    }
}
