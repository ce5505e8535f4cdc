using Ebsp.Emulator.Literal;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests;

/// <summary>
/// Array instructions PE by PE, as docs/isa.md lays them out: weights in rows and columns, fold by fold, blocks of pixels step by step. The
/// sums are those of the literal machine, and steps, cycles and actions those of the formulas.
/// </summary>
[TestClass]
public sealed class ArrayMappingTests
{
    [TestMethod]
    [DataRow(Opcode.Conv)]
    [DataRow(Opcode.MatMul)]
    [DataRow(Opcode.Depthwise)]
    public void Run_RandomTile_PeByPeGivesItsSumsAndItsCycles(Opcode opcode)
    {
        int unrolled = 0;
        for (int seed = 5000; seed < 5060; seed++)
        {
            TileProgram program = new(seed);
            Random random = new(seed);
            ArchSpec arch = TileProgram.Arch with { Rows = random.Next(3, 40), Columns = random.Next(8, 30) };
            RandomTiles.ArrayTile tile = RandomTiles.Array(program, opcode, program.Random.Next(2), 0);
            Unroll(tile.Instruction, random, arch);
            ArrayInstruction op = (ArrayInstruction)InstructionView.Of(tile.Instruction);
            if (op.Multiplier > arch.Columns)
                continue;
            unrolled += op.Unrolled > 1 ? 1 : 0;
            EbspProgram built = program.Build(arch: arch);
            Grid grid = new(program, tile, op, arch);
            string what = $"seed {seed}, {arch.Rows} x {arch.Columns}, {tile.Instruction}";
            CollectionAssert.AreEqual(Runs.Record(built, Runs.Literal).Psums[..grid.Psums.Length], grid.Psums, what);
            Assert.AreEqual(op.Cycles(arch), grid.Cycles, what);
            ActionCounts actions = TimingModel.Run(built).Actions;
            Assert.AreEqual(op.Products, grid.InsideTile, what);
            Assert.AreEqual(actions.PlacedWeights, grid.Placed, what);
            Assert.AreEqual(actions.SteeredActivations, grid.Steered, what);
            Assert.AreEqual(actions.GatedSteps, grid.PeSteps - grid.InsideTile, what);
        }

        Assert.IsGreaterThan(20, unrolled);
    }

    private static void Unroll(Instruction instruction, Random random, ArchSpec arch)
    {
        int columns = arch.Columns / (instruction.Opcode == Opcode.Depthwise ? (int)instruction[Field.Multiplier] : 1);
        int rows = random.Next(1, 5), side = random.Next(1, 6);
        if (instruction.Opcode == Opcode.MatMul)
            rows = 1;
        if (rows * side > columns)
            return;
        if (instruction.Opcode != Opcode.MatMul)
            instruction[Field.UnrollRows] = rows;
        instruction[Field.UnrollColumns] = side;
    }

    // A row of the array: an input channel of a group, and a position of the patch. A column: an output channel, and a pixel of the block.
    private sealed class Grid
    {
        private readonly TileProgram _program;
        private readonly RandomTiles.ArrayTile _tile;
        private readonly ArrayInstruction _op;
        private readonly ArchSpec _arch;
        private readonly ProcessingElement _element;
        private readonly int _k;
        private readonly (int Y, int X)[] _patch, _block;
        private readonly bool _matMul;

        public Grid(TileProgram program, RandomTiles.ArrayTile tile, ArrayInstruction op, ArchSpec arch)
        {
            (_program, _tile, _op, _arch, _k) = (program, tile, op, arch, arch.PatternLength);
            _element = new ProcessingElement(ProductTable.For(_k));
            _matMul = op.Opcode == Opcode.MatMul;
            _block = [.. from i in Enumerable.Range(0, op.UnrollRows) from j in Enumerable.Range(0, op.UnrollColumns) select (i, j)];
            KernelGeometry g = op.Kernel;
            _patch = _matMul ? _block : [.. (from pixel in _block
                from r in Enumerable.Range(0, g.KernelRows)
                from s in Enumerable.Range(0, g.KernelColumns)
                select (pixel.Y * g.StrideY + r * g.DilationY, pixel.X * g.StrideX + s * g.DilationX)).Distinct().Order()];
            int padded = op.Tile.PaddedChannels;
            Psums = new int[op.Pixels * padded];
            for (int p = 0; p < op.Pixels; p++)
            {
                for (int channel = 0; channel < op.Tile.Channels; channel++)
                    Psums[p * padded + channel] = op.Start == StartKind.Bias ? tile.Biases[channel] : 0;
            }

            Cycles = arch.Rows + arch.Columns - 1;
            if (op.Multiplier > 0)
                Depthwise();
            else
                Dense();
        }

        public int[] Psums { get; }

        public long Cycles { get; private set; }

        public long InsideTile { get; private set; }

        public long Placed { get; private set; }

        public long Steered { get; private set; }

        public long PeSteps { get; private set; }

        private void Dense()
        {
            int together = _arch.Columns / _block.Length, elements = _patch.Length * _op.SrcChannels;
            for (int group = 0; group < _op.Groups; group++)
            {
                for (int first = 0; first < _op.GroupChannels; first += together)
                {
                    int channels = Math.Min(together, _op.GroupChannels - first);
                    for (int at = 0; at < elements; at += _arch.Rows)
                    {
                        Fold(
                            row => at + row >= elements ? null
                                : (group * _op.SrcChannels + (at + row) % _op.SrcChannels, (at + row) / _op.SrcChannels),
                            column => column >= channels * _block.Length ? null
                                : (group * _op.GroupChannels + first + column % channels, column / channels));
                    }
                }
            }
        }

        private void Depthwise()
        {
            int columns = _op.Multiplier * _block.Length;
            int together = Math.Max(1, Math.Min(_arch.Rows / _patch.Length, _arch.Columns / columns));
            for (int first = 0; first < _op.Groups; first += together)
            {
                int inputs = Math.Min(together, _op.Groups - first);
                for (int at = 0; at < _patch.Length; at += _arch.Rows)
                {
                    Fold(
                        row => at + row >= inputs * _patch.Length ? null : (first + (at + row) / _patch.Length, (at + row) % _patch.Length),
                        column => column >= inputs * columns ? null
                            : ((first + column / columns) * _op.Multiplier + column % columns % _op.Multiplier,
                                column % columns / _op.Multiplier));
                }
            }
        }

        // One set of weights, and all blocks of pixels past it.
        private void Fold(Func<int, (int Channel, int Position)?> rowOf, Func<int, (int Channel, int Pixel)?> columnOf)
        {
            (int Channel, int Position)?[] rows = [.. Enumerable.Range(0, _arch.Rows).Select(rowOf)];
            (int Channel, int Pixel)?[] columns = [.. Enumerable.Range(0, _arch.Columns).Select(columnOf)];
            // The PEs of each column that hold a weight, from the first row to the last.
            List<(int Row, int Weight)>[] weights = [.. columns.Select(_ => new List<(int, int)>())];
            for (int row = 0; row < _arch.Rows; row++)
            {
                for (int column = 0; column < _arch.Columns; column++)
                {
                    if (rows[row] is { } from && columns[column] is { } to && Weight(from, to) is { } weight)
                        weights[column].Add((row, ProcessingElement.SteerWeight(weight, _k)));
                }
            }

            Placed += weights.Sum(column => column.Count);

            long steps = 0;
            for (int n = 0; n < _op.Tile.Images; n += _matMul ? _op.UnrollColumns : 1)
            {
                for (int y = 0; y < _op.Tile.Rows; y += _op.UnrollRows)
                {
                    for (int x = 0; x < _op.Tile.Columns; x += _matMul ? 1 : _op.UnrollColumns, steps++)
                        Step(n, y, x, rows, columns, weights);
                }
            }

            Cycles += Math.Max(steps, _arch.Rows);
            PeSteps += steps * _arch.ProcessingElements;
        }

        private void Step(int n, int y, int x, (int Channel, int Position)?[] rows, (int Channel, int Pixel)?[] columns,
            List<(int Row, int Weight)>[] weights)
        {
            int[] activations = new int[_arch.Rows];
            for (int row = 0; row < _arch.Rows; row++)
            {
                if (rows[row] is not { } from)
                    continue;
                activations[row] = ProcessingElement.SteerActivation(Source(n, y, x, from.Channel, _patch[from.Position]), _k);
                Steered++;
            }

            for (int column = 0; column < _arch.Columns; column++)
            {
                if (columns[column] is not { } to)
                    continue;
                (int down, int right) = _block[to.Pixel];
                (int image, int outRow, int outColumn) = _matMul ? (n + right, 0, 0) : (n, y + down, x + right);
                if (image >= _op.Tile.Images || outRow >= _op.Tile.Rows || outColumn >= _op.Tile.Columns)
                    continue;
                ref int psum = ref Psums[((image * _op.Tile.Rows + outRow) * _op.Tile.Columns + outColumn) * _op.Tile.PaddedChannels
                    + to.Channel];
                foreach ((int row, int weight) in weights[column])
                    psum = _element.Accumulate(psum, [activations[row]], [weight]);
                InsideTile += weights[column].Count;
            }
        }

        // The weight of the tap of a column's pixel that falls on a row's position; null if none does, or another group's channel.
        private int? Weight((int Channel, int Position) row, (int Channel, int Pixel) column)
        {
            if (row.Channel / _op.SrcChannels != column.Channel / _op.GroupChannels)
                return null;
            if (_matMul)
                return row.Position == column.Pixel ? _tile.Weights[column.Channel * _op.SrcChannels + row.Channel] : null;
            KernelGeometry g = _op.Kernel;
            int down = _patch[row.Position].Y - _block[column.Pixel].Y * g.StrideY;
            int right = _patch[row.Position].X - _block[column.Pixel].X * g.StrideX;
            if (down < 0 || right < 0 || down % g.DilationY != 0 || right % g.DilationX != 0 || down / g.DilationY >= g.KernelRows
                || right / g.DilationX >= g.KernelColumns)
                return null;
            int tap = down / g.DilationY * g.KernelColumns + right / g.DilationX;
            return _tile.Weights[(column.Channel * g.Taps + tap) * _op.SrcChannels + row.Channel % _op.SrcChannels];
        }

        private int Source(int n, int y, int x, int channel, (int Y, int X) position)
        {
            if (_matMul)
                return n + position.X < _op.Tile.Images ? Read(n + position.X, 0, 0, channel) : 0;
            KernelGeometry g = _op.Kernel;
            int row = y * g.StrideY + position.Y - g.PadTop, column = x * g.StrideX + position.X - g.PadLeft;
            return row < 0 || row >= g.SrcRows || column < 0 || column >= g.SrcColumns ? 0 : Read(n, row, column, channel);
        }

        private int Read(int n, int y, int x, int channel) => SlotCode.TryDecode(
            _program.At(_tile.Source.Address + n * _tile.Source.ImagePitch + y * _tile.Source.RowPitch + x * _tile.Source.PixelPitch
                + channel)[0], _tile.Source.Format, out int value) ? value : throw new InvalidOperationException("no code of the format");
    }
}
