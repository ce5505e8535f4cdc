using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.CodeGen;

/// <summary>
/// Turns layers and tiles into instructions in an order that would be right if they ran one after another; <see cref="Synchronizer"/>
/// then lets the units run side by side. Weight tiles follow one another in a ring, staged windows and banks of partial sums alternate, so
/// that transfers, array and vector unit overlap, within a layer and across its border. docs/schedule.md says in which order.
/// </summary>
public sealed partial class CodeGenerator
{
    // A transfer keeps the DRAM channel to its end, and a VECTOR waits for it with its constants: weights come in pieces, the smaller the
    // more time there is, since each piece waits for the latency.
    private const long SmallPieceBytes = 8 * 1024, PieceBytes = 16 * 1024, LargePieceBytes = 64 * 1024;

    private readonly ArchSpec _arch;
    private readonly MemoryPlan _plan;
    private readonly int _batch;
    private readonly TilingSearch _tiling;
    private readonly InputLoads _input;
    private readonly WeightRing _ring;
    private readonly List<Emission> _code = [];
    private readonly List<HostStep> _hostSteps = [];
    private int _layer = -1;
    private int _bank;
    private WeightTile? _currentWeights;
    private long _weightAddress;
    private long _biasAddress;

    private CodeGenerator(Graph graph, ArchSpec arch, MemoryPlan plan, int batch, TilingSearch tiling)
    {
        (_arch, _plan, _batch, _tiling) = (arch, plan, batch, tiling);
        _ring = new WeightRing(plan.WeightBytes);
        _input = new InputLoads(graph.InputName, plan, batch, tiling.Goal);
    }

    /// <summary>The weights region.</summary>
    public WeightSection Weights { get; } = new();

    /// <summary>The tables region.</summary>
    public TableSection Tables { get; } = new();

    /// <summary>The host section.</summary>
    public IReadOnlyList<HostStep> HostSteps => _hostSteps;

    /// <summary>The instructions, without END.</summary>
    public IReadOnlyList<Emission> Code => _code;

    /// <summary>Generates the code of a whole plan.</summary>
    public static CodeGenerator Run(Graph graph, ArchSpec arch, MemoryPlan plan, int batch, TilingSearch tiling)
    {
        CodeGenerator generator = new(graph, arch, plan, batch, tiling);
        for (int i = 0; i < plan.Layers.Length; i++)
        {
            generator._layer = i;
            generator._stage = new StageArea(plan, i, tiling);
            if (tiling.CostOf(plan.Layers[i]) is var cost && cost.WeightsStay(plan.Tiles[i].Shape))
                generator._ring.Begin(cost.WeightRingBytes(plan.Tiles[i].Shape));
            generator.Layer(plan.Layers[i], plan.Tiles[i].Shape);
            foreach (string stored in plan.Layers[i].Stores)
            {
                if (plan.OutputHomes.TryGetValue(stored, out Placement? home) && plan.Placements[stored] is { IsResident: true } output)
                    generator.Transfer(Opcode.Store, home, output.Operand, generator.Whole(output.Shape));
            }
        }

        return generator;
    }

    private void Layer(Layer layer, TileShape shape)
    {
        foreach (Tile tile in TilesOf(layer, shape))
        {
            switch (layer)
            {
                case ArrayLayer array:
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
                    VectorWrites(layer, tile, ReadSource(layer, tile, new KernelWindow(1, 1)).Operand, fromPsum: false);
                    break;
            }
        }
    }

    // Channels outside, so that weights stay while the pixels go by; or pixels outside, so that staged operands are moved once.
    private IEnumerable<Tile> TilesOf(Layer layer, TileShape shape)
    {
        Shape output = _tiling.CostOf(layer).Output;
        List<Tile> pixels = [];
        for (int image = 0; image < _batch; image += shape.Images)
        {
            for (int row = 0; row < output.Height; row += shape.Rows)
            {
                for (int column = 0; column < output.Width; column += shape.Columns)
                {
                    pixels.Add(new Tile(image, row, column, 0, new TileShape(
                        Math.Min(shape.Images, _batch - image), Math.Min(shape.Rows, output.Height - row),
                            Math.Min(shape.Columns, output.Width - column), 0, shape.Inputs, shape.PixelsFirst)));
                }
            }
        }

        List<int> folds = [];
        for (int channel = 0; channel < output.Channels; channel += shape.Channels)
            folds.Add(channel);
        return shape.PixelsFirst
            ? pixels.SelectMany(pixel => folds.Select(fold => Cut(pixel, fold)))
            : folds.SelectMany(fold => pixels.Select(pixel => Cut(pixel, fold)));

        Tile Cut(Tile pixel, int fold) =>
            pixel with { Channel = fold, Extent = pixel.Extent with { Channels = Math.Min(shape.Channels, output.Channels - fold) } };
    }

    private void Array(ArrayLayer layer, Tile tile)
    {
        NextBank();
        int inputs = _tiling.CostOf(layer).GroupInputs;
        for (int first = 0; first < inputs; first += tile.Extent.Inputs)
        {
            bool isFresh = LoadWeights(layer, tile, first);
            ArrayInstruction(layer, tile, first, Math.Min(tile.Extent.Inputs, inputs - first));
            if (isFresh && first == 0 && _tiling.Goal == OptimizeFor.Cycles)
                PrefetchConstants(layer, tile);
        }

        VectorWrites(layer, tile, PsumOperand(tile), fromPsum: true);
    }

    private bool LoadWeights(ArrayLayer layer, Tile tile, int firstInput)
    {
        _currentWeights = Weights.Tile(layer.Name, layer.Conv, tile.Channel, tile.Extent.Channels, firstInput, tile.Extent.Inputs);
        bool isHeld = _ring.Holds(_currentWeights, out _weightAddress);
        if (firstInput == 0)
            _biasAddress = _weightAddress;
        if (isHeld)
            return false;
        long piece = PieceOf(_plan.Tiles[_layer].Cycles);
        for (long loaded = 0; loaded < _currentWeights.Bytes; loaded += piece)
        {
            Emit(new Instruction(Opcode.Load)
            {
                [Field.DramRegion] = (long)Region.Weights,
                [Field.DramAddress] = _currentWeights.Address + loaded,
                [Field.ElementBits] = 8,
                [Field.BufferAddress] = _weightAddress + loaded,
                [Field.ChannelGroups] = Math.Min(piece, _currentWeights.Bytes - loaded) / 8,
            });
        }

        return true;
    }

    private long PieceOf(LayerCycles cycles)
    {
        double transfers = cycles.Weights + cycles.Activations;
        return _tiling.Goal != OptimizeFor.Cycles ? _currentWeights!.Bytes
            : cycles.Array > 2 * transfers ? SmallPieceBytes : cycles.Array > transfers ? PieceBytes : LargePieceBytes;
    }

    private void ArrayInstruction(ArrayLayer layer, Tile tile, int firstInput, int inputs)
    {
        IntegerConv conv = layer.Conv;
        KernelWindow geometry = conv.Geometry;
        bool depthwise = _tiling.CostOf(layer).IsDepthwise;
        int outputsOfGroup = conv.OutputChannels / conv.Groups;
        StagedSource source = ReadSource(layer, tile, geometry, firstInput, inputs);
        bool vector = _tiling.CostOf(layer).IsMatMul;
        PixelBlock block = _tiling.CostOf(layer).SideBySide(tile.Extent);
        bool isLast = firstInput + inputs == layer.Source.Channels / conv.Groups;
        Instruction instruction = new(vector ? Opcode.MatMul : depthwise ? Opcode.Depthwise : Opcode.Conv)
        {
            [Field.Images] = tile.Extent.Images,
            [Field.Channels] = tile.Extent.Channels,
            [Field.WeightAddress] = _weightAddress + _currentWeights!.CodesAddress - _currentWeights.Address,
            [Field.WeightFormat] = FormatField.Encode(conv.WeightFormat),
            [Field.Start] = firstInput == 0 ? 1 : 2,
            [Field.BiasAddress] = firstInput == 0 ? _biasAddress : 0,
            [Field.PsumAddress] = _bank * _arch.PsumBankBytes,
            [Field.UnrollColumns] = block.Columns,
        };
        source.Operand.Write(instruction, Field.SrcAddress);
        if (!vector)
        {
            instruction[Field.Rows] = tile.Extent.Rows;
            instruction[Field.Columns] = tile.Extent.Columns;
            SetKernel(instruction, geometry, source);
            instruction[Field.UnrollRows] = block.Rows;
        }

        if (depthwise)
            instruction[Field.Multiplier] = outputsOfGroup;
        else
            instruction[Field.SrcChannels] = inputs;
        if (!depthwise && !vector)
            instruction[Field.Groups] = Math.Max(1, tile.Extent.Channels / outputsOfGroup);
        if (isLast)
            Emit(instruction, layer.Node.Output, tile);
        else
            Emit(instruction);
    }

    private void Pool(Layer layer, KernelWindow geometry, Tile tile, bool sum)
    {
        StagedSource source = ReadSource(layer, tile, geometry);
        Instruction instruction = new(Opcode.Pool)
        {
            [Field.Images] = tile.Extent.Images,
            [Field.Rows] = tile.Extent.Rows,
            [Field.Columns] = tile.Extent.Columns,
            [Field.Channels] = tile.Extent.Channels,
            [Field.Mode] = sum ? 1 : 0,
        };
        source.Operand.Write(instruction, Field.SrcAddress);
        SetKernel(instruction, geometry, source);
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
            StoreResult(output, result);
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
        ReadSource(layer, tile, new KernelWindow(1, 1)).Operand.Write(instruction, Field.SrcAddress);
        Result result = ResultTile(0, layer.Output, tile);
        result.Operand.Write(instruction, Field.DstAddress);
        Emit(instruction, layer.Output, tile);
        StoreResult(layer.Output, result);
    }

    private static void SetExtents(Instruction instruction, Tile tile)
    {
        instruction[Field.Images] = tile.Extent.Images;
        instruction[Field.Rows] = tile.Extent.Rows;
        instruction[Field.Columns] = tile.Extent.Columns;
        instruction[Field.Channels] = tile.Extent.Channels;
    }

    private static void SetKernel(Instruction instruction, KernelWindow geometry, StagedSource source)
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

    private void NextBank() => _bank ^= 1;

    private TensorOperand PsumOperand(Tile tile) => TensorOperand.Dense(
        _bank * _arch.PsumBankBytes, PatternFormat.Int32, tile.Extent.Rows, tile.Extent.Columns, tile.Extent.Channels);

    private Tile Whole(Shape shape) => new(0, 0, 0, 0, new TileShape(_batch, shape.Height, shape.Width, shape.Channels));

    private void Emit(Instruction instruction) => _code.Add(new Emission(instruction, _layer, null));

    private void Emit(Instruction instruction, string tensor, Tile tile) =>
        _code.Add(new Emission(instruction, _layer, new EmittedTile(tensor, tile.Image, tile.Row, tile.Column, tile.Channel)));
}
