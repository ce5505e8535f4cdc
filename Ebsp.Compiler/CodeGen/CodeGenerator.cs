using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.CodeGen;

/// <summary>
/// Turns layers and tiles into instructions in an order that would be right if they ran one after another; <see cref="Synchroniser"/>
/// then lets the units run side by side. Weight slots, staged windows and banks of partial sums alternate, so that transfers, array
/// and vector unit overlap.
/// </summary>
public sealed partial class CodeGenerator
{
    private readonly ArchSpec _arch;
    private readonly MemoryPlan _plan;
    private readonly int _batch;
    private readonly TilingSearch _tiling;
    private readonly List<Emission> _code = [];
    private readonly List<HostStep> _hostSteps = [];
    private int _layer = -1;
    private int _weightSlot;
    private int _bank;
    private (int Layer, int Channel) _loadedWeights = (-1, -1);
    private WeightTile? _currentWeights;

    private CodeGenerator(Graph graph, ArchSpec arch, MemoryPlan plan, int batch) =>
        (_arch, _plan, _batch, _tiling) = (arch, plan, batch, new TilingSearch(graph, arch, batch));

    /// <summary>The weights region.</summary>
    public WeightSection Weights { get; } = new();

    /// <summary>The tables region.</summary>
    public TableSection Tables { get; } = new();

    /// <summary>The host section.</summary>
    public IReadOnlyList<HostStep> HostSteps => _hostSteps;

    /// <summary>The instructions, without END.</summary>
    public IReadOnlyList<Emission> Code => _code;

    /// <summary>Generates the code of a whole plan.</summary>
    public static CodeGenerator Run(Graph graph, ArchSpec arch, MemoryPlan plan, int batch)
    {
        CodeGenerator generator = new(graph, arch, plan, batch);
        Placement input = plan.Placements[graph.InputName];
        if (input.IsResident)
            generator.Transfer(Opcode.Load, plan.InputHome, input.Operand, generator.Whole(input.Shape));
        for (int i = 0; i < plan.Layers.Length; i++)
        {
            generator._layer = i;
            generator._stage = new StageArea(plan, i, generator._tiling);
            generator.Layer(plan.Layers[i], plan.Tiles[i]);
        }

        Placement output = plan.Placements[graph.OutputName];
        if (output.IsResident)
            generator.Transfer(Opcode.Store, plan.OutputHome, output.Operand, generator.Whole(output.Shape));
        return generator;
    }

    private void Layer(Layer layer, TileShape shape)
    {
        foreach (Tile tile in TilesOf(layer, shape))
        {
            switch (layer)
            {
                case ArrayLayer array:
                    LoadWeights(array, tile);
                    Array(array, tile);
                    break;
                case SumPoolLayer pool:
                    Pool(pool, pool.Pool.Geometry, tile, sum: true);
                    VectorWrites(pool, tile, PsumOperand(tile), fromPsum: true);
                    break;
                case MapLayer { Node.Op: MaxPool pool } map:
                    Pool(map, pool.Geometry, tile, sum: false);
                    break;
                case MapLayer { Node.Op: ResponseNorm norm } map:
                    Respond(map, norm, tile);
                    break;
                case MapLayer map:
                    LookUp(map, (LookUp)map.Node.Op, tile);
                    break;
                default:
                    VectorWrites(layer, tile, SourceTile(layer, tile, new WindowGeometry(1, 1)).Operand, fromPsum: false);
                    break;
            }
        }
    }

    // Weights stay while the pixels go by, unless the source is staged and its windows cost more to load again than the weights.
    private IEnumerable<Tile> TilesOf(Layer layer, TileShape shape)
    {
        Shape output = _tiling.OutputOf(layer);
        List<Tile> pixels = [];
        for (int image = 0; image < _batch; image += shape.Images)
        {
            for (int row = 0; row < output.Height; row += shape.Rows)
            {
                for (int column = 0; column < output.Width; column += shape.Columns)
                {
                    pixels.Add(new Tile(image, row, column, 0, new TileShape(
                        Math.Min(shape.Images, _batch - image), Math.Min(shape.Rows, output.Height - row), Math.Min(shape.Columns, output.Width - column), 0)));
                }
            }
        }

        List<int> folds = [];
        for (int channel = 0; channel < output.Channels; channel += shape.Channels)
            folds.Add(channel);
        Placement source = _plan.Placements[layer.Source.Tensor];
        long sourceBytes = Placement.DramBytes(source.Shape, source.Format, _batch);
        long weightBytes = layer is ArrayLayer { Conv: { } conv } ? (long)conv.Weights.Length * WeightSection.CodeBits(conv.WeightFormat) / 8 : 0;
        bool pixelsOutside = !source.IsResident && sourceBytes * (folds.Count - 1) > weightBytes * (pixels.Count - 1);
        return pixelsOutside
            ? pixels.SelectMany(pixel => folds.Select(fold => Cut(pixel, fold)))
            : folds.SelectMany(fold => pixels.Select(pixel => Cut(pixel, fold)));

        Tile Cut(Tile pixel, int fold) =>
            pixel with { Channel = fold, Extent = pixel.Extent with { Channels = Math.Min(shape.Channels, output.Channels - fold) } };
    }

    private void LoadWeights(ArrayLayer layer, Tile tile)
    {
        if (_loadedWeights == (_layer, tile.Channel))
            return;
        _loadedWeights = (_layer, tile.Channel);
        _currentWeights = Weights.Tile(layer.Name, layer.Conv, tile.Channel, tile.Extent.Channels);
        _weightSlot ^= 1;
        Instruction load = new(Opcode.Load)
        {
            [Field.DramRegion] = (long)Region.Weights,
            [Field.DramAddress] = _currentWeights.Address,
            [Field.ElementBits] = 8,
            [Field.BufferAddress] = _weightSlot * _plan.WeightSlotBytes,
            [Field.ChannelGroups] = _currentWeights.Bytes / 8,
        };
        Emit(load);
    }

    private void Array(ArrayLayer layer, Tile tile)
    {
        IntegerConv conv = layer.Conv;
        WindowGeometry geometry = conv.Geometry;
        bool depthwise = conv.Groups > 1 && conv.Groups == layer.Source.Channels;
        int outputsOfGroup = conv.OutputChannels / conv.Groups;
        SourceWindow source = SourceTile(layer, tile, geometry);
        bool vector = layer.Source is { Rows: 1, Columns: 1 } && conv.Groups == 1 && geometry is { KernelRows: 1, KernelColumns: 1, IsPadded: false };
        Instruction instruction = new(vector ? Opcode.MatMul : depthwise ? Opcode.Depthwise : Opcode.Conv)
        {
            [Field.Images] = tile.Extent.Images,
            [Field.Channels] = tile.Extent.Channels,
            [Field.WeightAddress] = _weightSlot * _plan.WeightSlotBytes + _currentWeights!.CodesAddress - _currentWeights.Address,
            [Field.WeightFormat] = FormatField.Encode(conv.WeightFormat),
            [Field.Start] = 1,
            [Field.BiasAddress] = _weightSlot * _plan.WeightSlotBytes,
            [Field.PsumAddress] = NextBank(),
        };
        source.Operand.Write(instruction, Field.SrcAddress);
        if (!vector)
        {
            instruction[Field.Rows] = tile.Extent.Rows;
            instruction[Field.Columns] = tile.Extent.Columns;
            SetWindow(instruction, geometry, source);
        }

        if (depthwise)
            instruction[Field.Multiplier] = outputsOfGroup;
        else
            instruction[Field.SrcChannels] = layer.Source.Channels / conv.Groups;
        if (!depthwise && !vector)
            instruction[Field.Groups] = Math.Max(1, tile.Extent.Channels / outputsOfGroup);
        Emit(instruction, layer.Node.Output, tile);
        VectorWrites(layer, tile, PsumOperand(tile), fromPsum: true);
    }

    private void Pool(Layer layer, WindowGeometry geometry, Tile tile, bool sum)
    {
        SourceWindow source = SourceTile(layer, tile, geometry);
        Instruction instruction = new(Opcode.Pool)
        {
            [Field.Images] = tile.Extent.Images,
            [Field.Rows] = tile.Extent.Rows,
            [Field.Columns] = tile.Extent.Columns,
            [Field.Channels] = tile.Extent.Channels,
            [Field.Mode] = sum ? 1 : 0,
        };
        source.Operand.Write(instruction, Field.SrcAddress);
        SetWindow(instruction, geometry, source);
        if (sum)
        {
            NextBank();
            PsumOperand(tile).Write(instruction, Field.DstAddress);
            Emit(instruction, layer.Node.Output, tile);
        }
        else
        {
            string output = layer.Stores.First();
            Result result = ResultTile(0, output, tile);
            result.Operand.Write(instruction, Field.DstAddress);
            Emit(instruction, output, tile);
            StoreResult(output, result, tile);
        }
    }

    private void LookUp(MapLayer layer, LookUp lookUp, Tile tile) =>
        Map(layer, new Instruction(Opcode.Lut) { [Field.Constants] = Tables.Add([.. lookUp.Table]) }, tile);

    private void Respond(MapLayer layer, ResponseNorm norm, Tile tile)
    {
        if (_hostSteps.Count == 0 || _hostSteps[^1].Name != layer.Name)
            _hostSteps.Add(new HostStep(HostStepKind.LocalResponse, layer.Name));
        ResponseConstants constants = new(norm.Shift, norm.Size, norm.Lo, norm.Hi, [.. norm.Factors]);
        Map(layer, new Instruction(Opcode.Host)
        {
            [Field.Step] = _hostSteps.Count - 1,
            [Field.Constants] = Tables.Add(constants.Encode()),
            [Field.SrcImageRows] = tile.Extent.Rows,
            [Field.SrcImageColumns] = tile.Extent.Columns,
            [Field.SrcImageChannels] = tile.Extent.Channels,
        }, tile);
    }

    // From one stored tensor to another, pixel by pixel.
    private void Map(MapLayer layer, Instruction instruction, Tile tile)
    {
        SetExtents(instruction, tile);
        SourceTile(layer, tile, new WindowGeometry(1, 1)).Operand.Write(instruction, Field.SrcAddress);
        Result result = ResultTile(0, layer.Output, tile);
        result.Operand.Write(instruction, Field.DstAddress);
        Emit(instruction, layer.Output, tile);
        StoreResult(layer.Output, result, tile);
    }

    private static void SetExtents(Instruction instruction, Tile tile)
    {
        instruction[Field.Images] = tile.Extent.Images;
        instruction[Field.Rows] = tile.Extent.Rows;
        instruction[Field.Columns] = tile.Extent.Columns;
        instruction[Field.Channels] = tile.Extent.Channels;
    }

    private static void SetWindow(Instruction instruction, WindowGeometry geometry, SourceWindow source)
    {
        instruction[Field.SrcRows] = source.Rows.Count;
        instruction[Field.SrcColumns] = source.Columns.Count;
        instruction[Field.KernelRows] = geometry.KernelRows;
        instruction[Field.KernelColumns] = geometry.KernelColumns;
        instruction[Field.StrideY] = geometry.StrideY;
        instruction[Field.StrideX] = geometry.StrideX;
        instruction[Field.DilationY] = geometry.DilationY;
        instruction[Field.DilationX] = geometry.DilationX;
        instruction[Field.PadTop] = source.Rows.Pad;
        instruction[Field.PadLeft] = source.Columns.Pad;
    }

    private long NextBank()
    {
        _bank ^= 1;
        return _bank * _arch.PsumBankBytes;
    }

    private TensorOperand PsumOperand(Tile tile) => TensorOperand.Dense(
        _bank * _arch.PsumBankBytes, PatternFormat.Int32, tile.Extent.Rows, tile.Extent.Columns, tile.Extent.Channels);

    private Tile Whole(Shape shape) => new(0, 0, 0, 0, new TileShape(_batch, shape.Height, shape.Width, shape.Channels));

    private void Emit(Instruction instruction) => _code.Add(new Emission(instruction, _layer, null));

    private void Emit(Instruction instruction, string tensor, Tile tile) =>
        _code.Add(new Emission(instruction, _layer, new EmittedTile(tensor, tile.Image, tile.Row, tile.Column, tile.Channel)));
}
