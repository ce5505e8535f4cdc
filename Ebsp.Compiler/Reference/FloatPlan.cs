using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;

namespace Ebsp.Compiler.Reference;

/// <summary>One operation with the buffers that it reads and writes.</summary>
internal sealed record FloatStep(string Tensor, Shape Shape, IFloatKernel Kernel, int[] InputSlots, int OutputSlot);

/// <summary>A float graph made ready: kernels with rearranged weights, and tensors laid onto few buffers.</summary>
internal sealed class FloatPlan
{
    private readonly List<int> _slotElements = [];
    private readonly List<int> _free = [];

    public FloatPlan(Graph graph)
    {
        if (graph.IsInteger)
            throw new ArgumentException("the graph is an integer graph", nameof(graph));
        Graph = graph;
        Dictionary<string, int> lastRead = LastReads(graph);
        Dictionary<string, int> slots = new(StringComparer.Ordinal);
        InputSlot = slots[graph.InputName] = Take(graph.TypeOf(graph.InputName).Shape);
        List<FloatStep> steps = [];
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            Node node = graph.Nodes[i];
            Shape shape = graph.TypeOf(node.Output).Shape;
            Shape[] inputs = [.. node.Inputs.Select(input => graph.TypeOf(input).Shape)];
            IFloatKernel kernel = FloatKernels.For(node.Op, inputs[0], shape, inputs.AsSpan(1));
            ScratchElements = Math.Max(ScratchElements, kernel.ScratchElements);
            int output = Take(shape);
            steps.Add(new FloatStep(node.Output, shape, kernel, [.. node.Inputs.Select(input => slots[input])], output));
            slots[node.Output] = output;
            // A buffer is free again after its last reader; the output of a node is never that of its inputs.
            foreach (string input in node.Inputs.Distinct())
            {
                if (lastRead[input] == i)
                    _free.Add(slots[input]);
            }

            if (!lastRead.ContainsKey(node.Output))
                _free.Add(output);
        }

        Steps = [.. steps];
        OutputSlots = [.. graph.Outputs.Select(output => slots[output.Name])];
    }

    public Graph Graph { get; }

    public FloatStep[] Steps { get; }

    public int InputSlot { get; }

    public int[] OutputSlots { get; }

    public IReadOnlyList<int> SlotElements => _slotElements;

    public int ScratchElements { get; }

    private static Dictionary<string, int> LastReads(Graph graph)
    {
        Dictionary<string, int> last = new(StringComparer.Ordinal);
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (string input in graph.Nodes[i].Inputs)
                last[input] = i;
        }

        foreach (GraphOutput output in graph.Outputs)
            last[output.Name] = int.MaxValue;
        return last;
    }

    private int Take(Shape shape)
    {
        int elements = (int)shape.Elements;
        if (_free.Count == 0)
        {
            _slotElements.Add(elements);
            return _slotElements.Count - 1;
        }

        // The smallest that is large enough, else the largest grows.
        int slot = _free.Where(free => _slotElements[free] >= elements).DefaultIfEmpty(-1)
            .MinBy(free => free < 0 ? 0 : _slotElements[free]);
        if (slot < 0)
            slot = _free.MaxBy(free => _slotElements[free]);
        _slotElements[slot] = Math.Max(_slotElements[slot], elements);
        _free.Remove(slot);
        return slot;
    }
}
