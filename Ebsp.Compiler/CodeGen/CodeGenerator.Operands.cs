using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

public sealed partial class CodeGenerator
{
    private StageArea _stage = null!;

    private readonly record struct StagedSource(TensorOperand Operand, SourceSpan Rows, SourceSpan Columns);

    private readonly record struct Result(TensorOperand Operand, (Tile Tile, TensorOperand Operand)? Stored);

    // The source window of a tile: in place if the tensor is resident, else loaded into the staging area.
    private StagedSource ReadSource(Layer layer, Tile tile, KernelWindow geometry, int firstInput = 0, int inputs = 0)
    {
        View view = layer.Source;
        SourceSpan rows = SourceSpan.Rows(geometry, tile.Row, tile.Extent.Rows, view.Rows);
        SourceSpan columns = SourceSpan.Columns(geometry, tile.Column, tile.Extent.Columns, view.Columns);
        (int first, int channels) = SourceChannels(layer, tile, firstInput, inputs);
        Tile window = new(tile.Image, rows.First, columns.First, first,
            new TileShape(tile.Extent.Images, rows.Count, columns.Count, channels));
        return new StagedSource(ReadTile(view, window, tile.Extent.PixelsFirst, _stage.Source, ref _stage.CurrentSource), rows, columns);
    }

    // A convolution reads the groups of the tile's channels, whole or some channels of the only one; what a layer maps channel by
    // channel is read in the tile's channels.
    private static (int First, int Count) SourceChannels(Layer layer, Tile tile, int firstInput, int inputs)
    {
        if (layer is not ArrayLayer { Conv: { } conv })
            return (tile.Channel, tile.Extent.Channels);
        int outputs = conv.OutputChannels / conv.Groups;
        return (tile.Channel / outputs * (layer.Source.Channels / conv.Groups) + firstInput,
            Math.Max(1, tile.Extent.Channels / outputs) * inputs);
    }

    private TensorOperand AddTile(Layer layer, int write, View view, Tile tile) =>
        ReadTile(view, tile, tile.Extent.PixelsFirst, _stage.Adds[layer.StagedAdd(write)], ref _stage.CurrentAdds[layer.StagedAdd(write)]);

    private TensorOperand ReadTile(View view, Tile tile, bool pixelsFirst, StageSlot slot, ref (Tile Tile, TensorOperand Operand)? current)
    {
        Placement placement = _plan.Placements[view.Tensor];
        int row = view.FirstRow + tile.Row * view.RowStep;
        int column = view.FirstColumn + tile.Column * view.ColumnStep;
        int channel = view.FirstChannel + tile.Channel;
        foreach ((TensorOperand chunk, Tile rows) in _input.Before(view.Tensor, tile.Image + tile.Extent.Images - 1,
            row + (tile.Extent.Rows - 1) * view.RowStep))
            Transfer(Opcode.Load, _plan.InputHome, chunk, rows);
        if (placement.IsResident)
        {
            TensorOperand whole = placement.Operand;
            return whole with
            {
                Address = whole.Address + tile.Image * whole.ImagePitch + row * whole.RowPitch + column * whole.PixelPitch
                    + channel * (long)placement.Format.SlotBytes,
                RowPitch = whole.RowPitch * view.RowStep,
                PixelPitch = whole.PixelPitch * view.ColumnStep,
            };
        }

        // Of a pixel that is repeated one copy is staged.
        if (view.IsRepeated)
            tile = tile with { Row = 0, Column = 0, Extent = tile.Extent with { Rows = 1, Columns = 1 } };
        // All channels of the pixels are staged at once where all are used before the next pixels come.
        Tile loaded = pixelsFirst ? tile with { Channel = 0, Extent = tile.Extent with { Channels = view.Channels } } : tile;
        long offset = (tile.Channel - loaded.Channel) * (long)placement.Format.SlotBytes;
        if (current is { } staged && staged.Tile == loaded)
            return staged.Operand with { Address = staged.Operand.Address + offset };
        TensorOperand target =
            TensorOperand.Dense(slot.Next(), placement.Format, loaded.Extent.Rows, loaded.Extent.Columns, loaded.Extent.Channels);
        if (view.IsRepeated)
            target = target with { RowPitch = 0, PixelPitch = 0 };
        Transfer(Opcode.Load, placement, target, loaded with { Row = row, Column = column, Channel = view.FirstChannel + loaded.Channel },
            view.RowStep, view.ColumnStep);
        current = (loaded, target);
        return target with { Address = target.Address + offset };
    }

    // Where a tile of a stored tensor is written: in place, or into the staging area to be stored from there, with all channels of
    // its pixels or alone.
    private Result ResultTile(int index, string output, Tile tile)
    {
        Placement placement = _plan.Placements[output];
        if (placement.IsResident)
        {
            TensorOperand whole = placement.Operand;
            return new Result(whole with
            {
                Address = whole.Address + tile.Image * whole.ImagePitch + tile.Row * whole.RowPitch + tile.Column * whole.PixelPitch
                    + tile.Channel * (long)placement.Format.SlotBytes,
            }, null);
        }

        if (!tile.Extent.PixelsFirst || tile.Channel == 0)
        {
            Tile stored = tile.Extent.PixelsFirst
                ? tile with { Extent = tile.Extent with { Channels = _tiling.CostOf(_plan.Layers[_layer]).Output.Channels } }
                : tile;
            _stage.CurrentResults[index] =
                (stored, TensorOperand.Dense(_stage.Results[index].Next(), placement.Format, stored.Extent.Rows, stored.Extent.Columns,
                stored.Extent.Channels));
        }

        (Tile all, TensorOperand target) = _stage.CurrentResults[index]!.Value;
        bool isLast = tile.Channel + tile.Extent.Channels == all.Channel + all.Extent.Channels;
        return new Result(target with { Address = target.Address + (tile.Channel - all.Channel) * (long)placement.Format.SlotBytes }, isLast
            ? (all, target)
            : null);
    }

    private void StoreResult(string output, Result result)
    {
        if (result.Stored is { } stored)
            Transfer(Opcode.Store, _plan.Placements[output], stored.Operand, stored.Tile);
    }

    private void Transfer(Opcode opcode, Placement dram, TensorOperand buffer, Tile tile, int rowStep = 1, int columnStep = 1)
    {
        long pixel = dram.DramPixelBytes;
        long row = pixel * dram.Pixels.RowStep, column = pixel * dram.Pixels.ColumnStep;
        long image = pixel * dram.Shape.Width * dram.Shape.Height;
        Emit(new Instruction(opcode)
        {
            [Field.DramRegion] = (long)dram.Region,
            [Field.DramAddress] = dram.DramAddressOf(tile.Channel) + pixel * dram.Pixels.First + tile.Image * image
                + tile.Row * row + tile.Column * column,
            [Field.ElementBits] = dram.Format.Bits,
            [Field.BufferAddress] = buffer.Address,
            [Field.Images] = tile.Extent.Images,
            [Field.Rows] = tile.Extent.Rows,
            [Field.Columns] = tile.Extent.Columns,
            [Field.ChannelGroups] = (tile.Extent.Channels + 7) / 8,
            [Field.DramPixelPitch] = column * columnStep,
            [Field.DramRowPitch] = row * rowStep,
            [Field.DramImagePitch] = image,
            [Field.BufferPixelPitch] = buffer.PixelPitch,
            [Field.BufferRowPitch] = buffer.RowPitch,
            [Field.BufferImagePitch] = buffer.ImagePitch,
        });
    }
}
