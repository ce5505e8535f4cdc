using Ebsp.Emulator.Literal;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Tests;

[TestClass]
public sealed class EngineEqualityTests
{
    private const int Cases = 250;

    [TestMethod]
    [DataRow(Opcode.Conv)]
    [DataRow(Opcode.MatMul)]
    [DataRow(Opcode.Depthwise)]
    public void Run_RandomArrayTiles_LiteralEqualsFastOnEveryTier(Opcode opcode)
    {
        for (int seed = 0; seed < Cases; seed++)
        {
            TileProgram program = new(seed);
            RandomTiles.Array(program, opcode, program.Random.Next(2), 64);
            // The second one adds to what the first one left.
            RandomTiles.Array(program, opcode, 2, 64);
            Corrupt(program, seed);
            Runs.AssertAllEqual(program.Build(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Run_RandomVectors_LiteralEqualsFastOnEveryTier()
    {
        for (int seed = 0; seed < 2 * Cases; seed++)
        {
            TileProgram program = new(seed);
            Random random = program.Random;
            (int images, int rows, int columns) = (random.Next(1, 3), random.Next(1, 6), random.Next(1, 9));
            int channels = random.Next(3) == 0 ? random.Next(1, 60) : 8 * random.Next(1, 7);
            bool fromPsum = random.Next(2) == 0;
            TensorOperand source;
            if (fromPsum)
            {
                // A sum over one tap moves random int32 values into psum memory.
                PatternFormat wide = PatternFormat.Int32;
                TensorOperand values = program.Tensor(wide, images, rows, columns, channels);
                source = TensorOperand.Dense(128, wide, rows, columns, channels);
                Instruction pool = program.Add(Opcode.Pool, (Field.Images, images), (Field.Rows, rows), (Field.Columns, columns),
                    (Field.Channels, channels),
                    (Field.SrcRows, rows), (Field.SrcColumns, columns), (Field.Mode, 1));
                values.Write(pool, Field.SrcAddress);
                source.Write(pool, Field.DstAddress);
            }
            else
            {
                source = program.Tensor(RandomTiles.AnyOf(random), images, rows, columns, channels);
            }

            RandomTiles.Vector(program, source, fromPsum, images, rows, columns, channels);
            Corrupt(program, seed);
            Runs.AssertAllEqual(program.Build(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Run_RandomPools_LiteralEqualsFastOnEveryTier()
    {
        for (int seed = 0; seed < 2 * Cases; seed++)
        {
            TileProgram program = new(seed);
            Random random = program.Random;
            (int images, int rows, int columns, int channels) =
                (random.Next(1, 3), random.Next(1, 6), random.Next(1, 6), random.Next(1, 50));
            (int srcRows, int srcColumns) = (random.Next(1, 9), random.Next(1, 9));
            PatternFormat format = RandomTiles.AnyOf(random);
            bool sum = random.Next(2) == 0;
            TensorOperand source = program.Tensor(format, images, srcRows, srcColumns, channels);
            TensorOperand target = sum
                ? TensorOperand.Dense(256, PatternFormat.Int32, rows, columns, channels)
                : program.Place(format, images, rows, columns, channels);
            if (!sum && random.Next(10) == 0)
                target = target with { Address = source.Address };
            Instruction pool = program.Add(Opcode.Pool, (Field.Images, images), (Field.Rows, rows), (Field.Columns, columns),
                (Field.Channels, channels), (Field.Mode, sum ? 1 : 0));
            RandomTiles.KernelWindow(random, pool, srcRows, srcColumns, rows, columns);
            source.Write(pool, Field.SrcAddress);
            target.Write(pool, Field.DstAddress);
            Corrupt(program, seed);
            Runs.AssertAllEqual(program.Build(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Run_RandomTransfers_LiteralEqualsFastOnEveryTier()
    {
        byte[] input = new byte[1 << 14];
        new Random(7).NextBytes(input);
        for (int seed = 0; seed < 2 * Cases; seed++)
        {
            TileProgram program = new(seed);
            Random random = program.Random;
            int bits = random.Next(10) switch { 0 => 16, 1 => 32, _ => random.Next(1, 9) };
            int slot = bits <= 8 ? 1 : bits / 8;
            (int images, int rows, int columns, int groups) = (random.Next(1, 3), random.Next(1, 5), random.Next(1, 9), random.Next(1, 4));
            for (int i = 0; i < 2; i++)
            {
                long pixel = (long)groups * bits + random.Next(2) * 3;
                long bufferPixel = groups * 8 * slot + random.Next(2) * 8;
                Instruction transfer = program.Add(i == 0 ? Opcode.Load : Opcode.Store,
                    (Field.DramRegion, (long)(i == 0 ? Region.Input : random.Next(2) == 0 ? Region.Output : Region.Arena)),
                        (Field.DramAddress, random.Next(50)),
                    (Field.ElementBits, bits), (Field.BufferAddress, 8 * random.Next(50)), (Field.Images, images), (Field.Rows, rows),
                        (Field.Columns, columns), (Field.ChannelGroups, groups),
                    (Field.DramPixelPitch, pixel), (Field.DramRowPitch, pixel * columns + random.Next(5)),
                        (Field.DramImagePitch, pixel * columns * rows),
                    (Field.BufferPixelPitch, bufferPixel), (Field.BufferRowPitch, bufferPixel * columns + 8 * random.Next(2)),
                        (Field.BufferImagePitch, bufferPixel * columns * rows + 64));
                Assert.IsNotNull(transfer);
            }

            Runs.AssertAllEqual(program.Build(), $"seed {seed}", input);
        }
    }

    [TestMethod]
    public void Run_RandomTablesAndReorders_LiteralEqualsFastOnEveryTier()
    {
        for (int seed = 0; seed < Cases; seed++)
        {
            TileProgram program = new(seed);
            Random random = program.Random;
            (int images, int rows, int columns, int channels) =
                (random.Next(1, 3), random.Next(1, 6), random.Next(1, 6), random.Next(1, 30));
            byte[] table = new byte[256];
            random.NextBytes(table);
            PatternFormat format = RandomTiles.ByteOf(random);
            TensorOperand source = program.Tensor(format, images, rows, columns, channels);
            Instruction lut = program.Add(Opcode.Lut, (Field.Images, images), (Field.Rows, rows), (Field.Columns, columns),
                (Field.Channels, channels), (Field.Constants, program.AddTable(table)));
            source.Write(lut, Field.SrcAddress);
            program.Place(RandomTiles.ByteOf(random), images, rows, columns, channels).Write(lut, Field.DstAddress);
            Instruction host = program.Add(Opcode.Host, (Field.Images, images), (Field.Rows, 1), (Field.Columns, 1),
                (Field.Channels, rows * columns * channels),
                (Field.SrcImageRows, rows), (Field.SrcImageColumns, columns), (Field.SrcImageChannels, channels));
            source.Write(host, Field.SrcAddress);
            program.Place(format, images, 1, 1, rows * columns * channels).Write(host, Field.DstAddress);
            Corrupt(program, seed);
            Runs.AssertAllEqual(program.Build(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Run_RandomLocalResponses_LiteralEqualsFastAndTheFormula()
    {
        for (int seed = 0; seed < Cases; seed++)
        {
            TileProgram program = new(seed);
            Random random = program.Random;
            (int images, int rows, int columns, int channels) =
                (random.Next(1, 3), random.Next(1, 6), random.Next(1, 6), random.Next(1, 30));
            PatternFormat format = random.Next(4) == 0 ? PatternFormat.Int16 : RandomTiles.ByteOf(random),
                result = RandomTiles.ByteOf(random);
            int size = random.Next(1, 9), limit = (1 << result.MagnitudeBits) - 1;
            int[] factors = new int[LocalResponse.Entries(LocalResponse.LargestSum(size, format))];
            for (int i = 0; i < factors.Length; i++)
                factors[i] = random.Next();
            ResponseConstants constants = new(random.Next(28, 40), size, result.Signed ? -limit : 0, limit, factors);
            TensorOperand source = program.Tensor(format, images, rows, columns, channels);
            Instruction host = program.Add(Opcode.Host, (Field.Images, images), (Field.Rows, rows), (Field.Columns, columns),
                (Field.Channels, channels),
                (Field.SrcImageRows, rows), (Field.SrcImageColumns, columns), (Field.SrcImageChannels, channels), (Field.Step, 1),
                    (Field.Constants, program.AddTable(constants.Encode())));
            source.Write(host, Field.SrcAddress);
            // Sometimes in place.
            TensorOperand target = random.Next(4) == 0 && format.SlotBytes == 1
                ? source with { Format = result }
                : program.Place(result, images, rows, columns, channels);
            target.Write(host, Field.DstAddress);
            byte[] before = program.At(0).ToArray();
            Corrupt(program, seed);
            Runs.AssertAllEqual(program.Build(), $"seed {seed}");
            if (seed % 5 != 0)
                CheckResponse(program, constants, source, target, before, rows, columns, channels, images);
        }
    }

    private static void CheckResponse(TileProgram program, ResponseConstants constants, TensorOperand source, TensorOperand target,
        byte[] before, int rows, int columns, int channels, int images)
    {
        byte[] after = Runs.Record(program.Build(), Runs.Literal).Snapshots[1].Bytes;
        for (int i = 0; i < images * rows * columns * channels; i++)
        {
            (int c, int x, int y, int n) =
                (i % channels, i / channels % columns, i / channels / columns % rows, i / channels / columns / rows);
            long sum = 0;
            for (int j = Math.Max(0, c - (constants.Size - 1) / 2); j <= Math.Min(channels - 1, c + constants.Size / 2); j++)
                sum += (long)Slots.Read(before, source, n, y, x, j) * Slots.Read(before, source, n, y, x, j);
            long r = LocalResponse.Respond(Slots.Read(before, source, n, y, x, c), LocalResponse.Factor(constants.Factors, sum),
                constants.Shift);
            int expected = Projection.Project(Requantization.Clamp(r, constants.Lo, constants.Hi), target.Format);
            Assert.AreEqual(expected, Slots.Read(after, target, n, y, x, c), $"element {n}, {y}, {x}, {c}");
        }
    }

    // Every fifth program gets a few random bytes: most of them trap, all of them alike.
    private static void Corrupt(TileProgram program, int seed)
    {
        if (seed % 5 != 0)
            return;
        int used = program.Allocate(0);
        for (int i = 0; i < 3; i++)
            program.At(program.Random.Next(used))[0] = (byte)program.Random.Next(256);
    }
}
