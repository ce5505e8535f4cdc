using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>
/// Which tile of a program a wrong entry of the product table changes first, by looking at the operands of the reference's convolutions: no
/// machine runs. Entries with a zero significand are left out.
/// </summary>
internal static class EntryUse
{
    /// <summary>For each entry (ma, mw) whose lowest bit is flipped the first instruction, in program order, with a wrong sum; only entries
    /// that change one.</summary>
    public static Dictionary<(int Activation, int Weight), int> FirstWrong(EbspProgram program, Graph graph, ReferenceRun run)
    {
        int k = program.Arch.PatternLength, size = 1 << k;
        Dictionary<(int Activation, int Weight), int> first = [];
        foreach (Node node in graph.Nodes.Where(node => node.Op is IntegerConv))
        {
            MappedTile[] tiles = [.. program.Layers.Tiles.Where(tile => program.Layers.Tensors[tile.Tensor].Name == node.Output)];
            long[] wrong = Wrong(graph, node, run, k, tiles, program);
            for (int entry = 0; entry < size * size; entry++)
            {
                (int Activation, int Weight) key = (entry >> k, entry & (size - 1));
                if (wrong[entry] < int.MaxValue)
                    first[key] = Math.Min(first.GetValueOrDefault(key, int.MaxValue), (int)wrong[entry]);
            }
        }

        return first;
    }

    // The first instruction of the convolution for each entry; int.MaxValue for none.
    private static long[] Wrong(Graph graph, Node node, ReferenceRun run, int k, MappedTile[] tiles, EbspProgram program)
    {
        IntegerConv conv = (IntegerConv)node.Op;
        KernelWindow g = conv.Geometry;
        Shape source = graph.TypeOf(node.Inputs[0]).Shape, output = graph.TypeOf(node.Output).Shape;
        int[] activations = run.Tensors[node.Inputs[0]];
        int inputs = source.Channels / conv.Groups, outputs = conv.OutputChannels / conv.Groups;
        long[] result = new long[1 << 2 * k], change = new long[1 << 2 * k];
        Array.Fill(result, int.MaxValue);
        int[][] instructions = new int[output.Channels][];
        for (int channel = 0; channel < output.Channels; channel++)
        {
            instructions[channel] = Owners(tiles, program, channel, output);
            for (int y = 0; y < output.Height; y++)
            {
                for (int x = 0; x < output.Width; x++)
                {
                    Array.Clear(change);
                    for (int r = 0; r < g.KernelRows; r++)
                    {
                        for (int s = 0; s < g.KernelColumns; s++)
                        {
                            int row = y * g.StrideY + r * g.DilationY - g.PadTop, column = x * g.StrideX + s * g.DilationX - g.PadLeft;
                            if (row < 0 || column < 0 || row >= source.Height || column >= source.Width)
                                continue;
                            for (int c = 0; c < inputs; c++)
                            {
                                int a = activations[(row * source.Width + column) * source.Channels + channel / outputs * inputs + c];
                                int w = conv.Weights[((channel * inputs + c) * g.KernelRows + r) * g.KernelColumns + s];
                                if (a == 0 || w == 0)
                                    continue;
                                (int ma, int sa) = Steer(a, k);
                                (int mw, int sw) = Steer(w, k);
                                long flipped = (ma * mw ^ 1) - ma * mw;
                                change[ma << k | mw] += (a < 0 != w < 0 ? -flipped : flipped) << (sa + sw);
                            }
                        }
                    }

                    for (int entry = 0; entry < change.Length; entry++)
                    {
                        if (change[entry] != 0)
                            result[entry] = Math.Min(result[entry], instructions[channel][y * output.Width + x]);
                    }
                }
            }
        }

        return result;
    }

    // Significand and shift of the canonical code, as docs/isa.md has it.
    private static (int Significand, int Shift) Steer(int value, int k)
    {
        int magnitude = Math.Abs(value), leading = int.Log2(magnitude), shift = Math.Max(0, leading - k + 1);
        return (magnitude >> shift, shift);
    }

    // The instruction that makes each pixel of a channel.
    private static int[] Owners(MappedTile[] tiles, EbspProgram program, int channel, Shape output)
    {
        int[] owners = new int[output.Height * output.Width];
        foreach (MappedTile tile in tiles)
        {
            Instruction i = program.Code[tile.Instruction];
            (long rows, long columns) = i.Opcode == Opcode.MatMul ? (1, 1) : (i[Field.Rows], i[Field.Columns]);
            if (channel < tile.FirstChannel || channel >= tile.FirstChannel + i[Field.Channels])
                continue;
            for (int y = tile.FirstRow; y < tile.FirstRow + rows; y++)
                Array.Fill(owners, tile.Instruction, y * output.Width + tile.FirstColumn, (int)columns);
        }

        return owners;
    }
}
