using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.CodeGen;

public sealed partial class CodeGenerator
{
    private void VectorWrites(Layer layer, Tile tile, TensorOperand source, bool fromPsum)
    {
        for (int i = 0; i < layer.Writes.Length; i++)
        {
            VectorWrite write = layer.Writes[i];
            Instruction instruction = new(Opcode.Vector)
            {
                [Field.SrcSpace] = fromPsum ? 1 : 0,
                [Field.Constants] = Tables.Add(ConstantsOf(layer, write.Node.Op, tile)),
                [Field.Mode] = write.Node.Op is TensorProduct ? 1 : 0,
                [Field.Term] = (long)(write.Node.Op switch { Requantize r => r.Term, TensorProduct p => p.Term, _ => Term.Whole }),
            };
            SetExtents(instruction, tile);
            source.Write(instruction, Field.SrcAddress);
            SetAdd(instruction, layer, i, tile);
            Result result = ResultTile(i, write.Output, tile);
            result.Operand.Write(instruction, Field.DstAddress);
            Emit(instruction, write.Output, tile);
            StoreResult(write.Output, result);
        }
    }

    // A VECTOR reads its constants block before it computes, unless the one before it had the same block. A first one on the biases, whose
    // result nobody reads, brings the block of a tile's first write in while the array is at work.
    private void PrefetchConstants(ArrayLayer layer, Tile tile)
    {
        // The last biases are read in a whole group of 8; short ones may end before it.
        long read = TensorOperand.PixelBytes(tile.Extent.Channels, PatternFormat.Int32);
        if (layer.Writes[0].Node.Op is not Requantize { ByValidCount: false } requantize || _currentWeights!.Bytes < read)
            return;
        Instruction instruction =
            new(Opcode.Vector) { [Field.Constants] = Tables.Add(ConstantsOf(layer, requantize, tile)),
            [Field.Term] = (long)requantize.Term };
        SetExtents(instruction, tile with { Extent = new TileShape(1, 1, 1, tile.Extent.Channels) });
        TensorOperand.Dense(_biasAddress, PatternFormat.Int32, 1, 1, tile.Extent.Channels).Write(instruction, Field.SrcAddress);
        TensorOperand.Dense(_plan.ScratchAddress, requantize.Format, 1, 1, tile.Extent.Channels).Write(instruction, Field.DstAddress);
        Emit(instruction);
    }

    // Operand b exists in the channels of the view; its zero channels are groups that have no operand b.
    private void SetAdd(Instruction instruction, Layer layer, int write, Tile tile)
    {
        if (layer.Writes[write].Add is not { } view)
            return;
        int first = Math.Max(tile.Channel, view.ZeroChannelsBefore);
        int last = Math.Min(tile.Channel + tile.Extent.Channels, view.ZeroChannelsBefore + view.Channels);
        if (first >= last)
            return;
        Tile existing = tile with { Channel = first - view.ZeroChannelsBefore, Extent = tile.Extent with { Channels = last - first } };
        AddTile(layer, write, view, existing).Write(instruction, Field.AddAddress);
        instruction[Field.AddFirstGroup] = (first - tile.Channel) / 8;
        instruction[Field.AddGroups] = (last - first + 7) / 8;
    }

    private static VectorConstants ConstantsOf(Layer layer, Op op, Tile tile)
    {
        (ImmutableArray<int> multipliers, ImmutableArray<long> offsets, int shift, int lo, int hi, int second, bool byCount) = op switch
        {
            Requantize r => (r.Multipliers, r.Offsets, r.Shift, r.Lo, r.Hi, r.SecondMultiplier, r.ByValidCount),
            TensorProduct p => (p.Multipliers, [], p.Shift, p.Lo, p.Hi, 0, false),
            _ => throw new InvalidOperationException($"{op.GetType().Name} has no constants"),
        };
        bool perChannel = !byCount && multipliers.Length > 1;
        CountedKernel? window = null;
        if (byCount && layer is SumPoolLayer { Pool.Geometry: { } g })
        {
            window = new CountedKernel(g.KernelRows, g.KernelColumns, g.StrideY, g.StrideX,
                tile.Row * g.StrideY - g.PadTop, tile.Column * g.StrideX - g.PadLeft, layer.Source.Rows, layer.Source.Columns);
        }

        return new VectorConstants(shift, lo, hi, second,
            perChannel ? [.. multipliers.AsSpan(tile.Channel, tile.Extent.Channels)] : [.. multipliers],
            perChannel,
            offsets.IsEmpty ? [] : [.. offsets.AsSpan(tile.Channel, tile.Extent.Channels)],
            window);
    }
}
