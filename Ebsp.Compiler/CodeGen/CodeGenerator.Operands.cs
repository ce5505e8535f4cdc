using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

public sealed partial class CodeGenerator
{
    private StageArea _stage = null!;

    private readonly record struct SourceWindow(TensorOperand Operand, Window Rows, Window Columns);

    private readonly record struct Result(TensorOperand Operand, bool Staged);

    // The source window of a tile: in place if the tensor is resident, else loaded into the staging area.
    private SourceWindow SourceTile(Layer layer, Tile tile, WindowGeometry geometry)
    {
        View view = layer.Source;
        Window rows = Window.Rows(geometry, tile.Row, tile.Extent.Rows, view.Rows);
        Window columns = Window.Columns(geometry, tile.Column, tile.Extent.Columns, view.Columns);
        (int first, int channels) = SourceChannels(layer, tile);
        Tile window = new(tile.Image, rows.First, columns.First, first, new TileShape(tile.Extent.Images, rows.Count, columns.Count, channels));
        return new SourceWindow(ReadTile(view, window, _stage.Source, ref _stage.CurrentSource), rows, columns);
    }

    // A convolution reads the groups of the tile's channels whole; what a layer maps channel by channel is read in the tile's channels.
    private static (int First, int Count) SourceChannels(Layer layer, Tile tile)
    {
        if (layer is not ArrayLayer { Conv: { } conv })
            return (tile.Channel, tile.Extent.Channels);
        int inputs = layer.Source.Channels / conv.Groups, outputs = conv.OutputChannels / conv.Groups;
        return (tile.Channel / outputs * inputs, Math.Max(1, tile.Extent.Channels / outputs) * inputs);
    }

    private TensorOperand AddTile(int write, View view, Tile tile) => ReadTile(view, tile, _stage.Adds[write], ref _stage.CurrentAdds[write]);

    private TensorOperand ReadTile(View view, Tile tile, StageSlot slot, ref (Tile Tile, TensorOperand Operand)? current)
    {
        Placement placement = _plan.Placements[view.Tensor];
        int row = view.FirstRow + tile.Row * view.RowStep;
        int column = view.FirstColumn + tile.Column * view.ColumnStep;
        int channel = view.FirstChannel + tile.Channel;
        if (placement.IsResident)
        {
            TensorOperand whole = placement.Operand;
            return whole with
            {
                Address = whole.Address + tile.Image * whole.ImagePitch + row * whole.RowPitch + column * whole.PixelPitch + channel * (long)placement.Format.SlotBytes,
                RowPitch = whole.RowPitch * view.RowStep,
                PixelPitch = whole.PixelPitch * view.ColumnStep,
            };
        }

        // Of a pixel that is repeated one copy is staged.
        if (view.IsRepeated)
            tile = tile with { Row = 0, Column = 0, Extent = tile.Extent with { Rows = 1, Columns = 1 } };
        if (current is { } staged && staged.Tile == tile)
            return staged.Operand;
        TensorOperand target = TensorOperand.Dense(slot.Next(), placement.Format, tile.Extent.Rows, tile.Extent.Columns, tile.Extent.Channels);
        if (view.IsRepeated)
            target = target with { RowPitch = 0, PixelPitch = 0 };
        Tile inTensor = tile with { Row = row, Column = column, Channel = channel };
        Transfer(Opcode.Load, placement, target, inTensor, view.RowStep, view.ColumnStep);
        current = (tile, target);
        return target;
    }

    // Where a tile of a stored tensor is written: in place, or into the staging area to be stored from there.
    private Result ResultTile(int index, string output, Tile tile)
    {
        Placement placement = _plan.Placements[output];
        if (!placement.IsResident)
            return new Result(TensorOperand.Dense(_stage.Results[index].Next(), placement.Format, tile.Extent.Rows, tile.Extent.Columns, tile.Extent.Channels), true);
        TensorOperand whole = placement.Operand;
        return new Result(whole with
        {
            Address = whole.Address + tile.Image * whole.ImagePitch + tile.Row * whole.RowPitch + tile.Column * whole.PixelPitch + tile.Channel * (long)placement.Format.SlotBytes,
        }, false);
    }

    private void StoreResult(string output, Result result, Tile tile)
    {
        if (result.Staged)
            Transfer(Opcode.Store, _plan.Placements[output], result.Operand, tile);
    }

    private void Transfer(Opcode opcode, Placement dram, TensorOperand buffer, Tile tile, int rowStep = 1, int columnStep = 1)
    {
        long pixel = dram.DramPixelBytes;
        long row = pixel * dram.Shape.Width;
        long image = row * dram.Shape.Height;
        Emit(new Instruction(opcode)
        {
            [Field.DramRegion] = (long)dram.Region,
            [Field.DramAddress] = dram.Address + tile.Image * image + tile.Row * row + tile.Column * pixel + tile.Channel / 8 * dram.Format.Bits,
            [Field.ElementBits] = dram.Format.Bits,
            [Field.BufferAddress] = buffer.Address,
            [Field.Images] = tile.Extent.Images,
            [Field.Rows] = tile.Extent.Rows,
            [Field.Columns] = tile.Extent.Columns,
            [Field.ChannelGroups] = (tile.Extent.Channels + 7) / 8,
            [Field.DramPixelPitch] = pixel * columnStep,
            [Field.DramRowPitch] = row * rowStep,
            [Field.DramImagePitch] = image,
            [Field.BufferPixelPitch] = buffer.PixelPitch,
            [Field.BufferRowPitch] = buffer.RowPitch,
            [Field.BufferImagePitch] = buffer.ImagePitch,
        });
    }
}
