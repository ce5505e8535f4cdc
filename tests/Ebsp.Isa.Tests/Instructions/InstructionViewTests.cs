using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Instructions;

/// <summary>Ranges and counts against the instruction set's formulas, walked element by element.</summary>
[TestClass]
public sealed class InstructionViewTests
{
    private static readonly PatternFormat[] Formats =
        [PatternFormat.Window(6, 3, false), PatternFormat.Window(8, 4, true), PatternFormat.SingleRun(5, 2, true),
            PatternFormat.Uniform(8, false), PatternFormat.Int16, PatternFormat.Int32];

    [TestMethod]
    public void Touched_RandomAxes_EqualsWalk()
    {
        Random random = new(1);
        for (int n = 0; n < 20_000; n++)
        {
            KernelAxis axis = new(random.Next(1, 9), random.Next(1, 6), random.Next(1, 6), random.Next(1, 6), random.Next(0, 12),
                random.Next(1, 12));
            long[][] taps = [.. Range(axis.Positions)
                .Select(p => Range(axis.Taps).Select(t => p * axis.Stride + t * axis.Dilation - axis.Pad)
                .Where(at => at >= 0 && at < axis.Source).ToArray())];
            long[] all = [.. taps.SelectMany(t => t)];
            (long first, long last) = axis.Touched();
            Assert.AreEqual(all.Length == 0, first > last, $"{axis}");
            if (all.Length > 0)
                Assert.AreEqual((all.Min(), all.Max()), (first, last), $"{axis}");
            Assert.AreEqual(taps.All(t => t.Length > 0), axis.EveryWindowTouches(), $"{axis}");
        }
    }

    [TestMethod]
    public void Hulls_RandomInstructions_EqualTheWalk()
    {
        Random random = new(2);
        Opcode[] opcodes = [Opcode.Load, Opcode.Store, Opcode.MatMul, Opcode.Conv, Opcode.Depthwise, Opcode.Vector, Opcode.Lut, Opcode.Pool,
            Opcode.Host];
        for (int n = 0; n < 5_000; n++)
        {
            Instruction i = RandomInstruction(opcodes[n % opcodes.Length], random);
            Dictionary<(Field, Region, bool), (long Start, long End)> walked = [];
            Walk(i, (field, region, write, at, bytes) =>
            {
                (long start, long end) = walked.GetValueOrDefault((field, region, write), (long.MaxValue, 0));
                walked[(field, region, write)] = (Math.Min(start, at), Math.Max(end, at + bytes));
            });
            string[] expected = [.. walked.Select(w => $"{w.Key} {w.Value}").Order(StringComparer.Ordinal)];
            string[] actual = [.. InstructionView.Of(i).Hulls(i.Opcode is Opcode.Vector or Opcode.Host ? 40 : 0)
                .Select(r => $"{(r.Operand, r.Region, r.Write)} {(r.Start, r.End)}").Order(StringComparer.Ordinal)];
            CollectionAssert.AreEqual(expected, actual, $"{i}: {string.Join("; ", expected)} but {string.Join("; ", actual)}");
        }
    }

    [TestMethod]
    public void Hulls_LargestFields_StayInside64Bits()
    {
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            Instruction i = new(row.Opcode);
            foreach (FieldDefinition field in row.Fields.Where(f => f.Kind != FieldKind.Format))
                i[field.Id] = field.Maximum;
            foreach (MemoryRange range in InstructionView.Of(i).Hulls(int.MaxValue))
                Assert.IsTrue(range.Start >= 0 && range.Start < range.End, $"{range}");
        }
    }

    [TestMethod]
    public void Counts_RandomInstructions_EqualTheWalk()
    {
        Random random = new(3);
        Opcode[] opcodes = [Opcode.MatMul, Opcode.Conv, Opcode.Depthwise, Opcode.Pool];
        for (int n = 0; n < 2_000; n++)
        {
            Instruction i = RandomInstruction(opcodes[n % opcodes.Length], random);
            (long pixels, long products) = (0, 0);
            if (i.Opcode == Opcode.MatMul)
                (pixels, products) = (i[Field.Images], i[Field.Images] * i[Field.Channels] * i[Field.SrcChannels]);
            else
                Each(i, (_, _, _) =>
                {
                    pixels++;
                    for (long tap = 0; tap < i[Field.KernelRows] * i[Field.KernelColumns]; tap++)
                        products += i[Field.Channels] * (i.Opcode == Opcode.Conv ? i[Field.SrcChannels] : 1);
                });
            switch (InstructionView.Of(i, 7))
            {
                case ArrayInstruction array:
                    Assert.AreEqual((7, pixels, products), (array.Index, array.Pixels, array.Products), $"{i}");
                    Assert.AreEqual(products, pixels * array.Tile.Channels * array.Reduction, $"{i}");
                    break;
                case PoolInstruction pool:
                    Assert.AreEqual((7, pixels, products), (pool.Index, pool.Tile.Pixels, pool.Comparisons), $"{i}");
                    break;
                default:
                    Assert.Fail($"{i}");
                    break;
            }
        }
    }

    [TestMethod]
    public void Conflicts_ReadAfterWrite_ButNotTwoReads()
    {
        MemoryRange write = new(Field.DstAddress, Region.Buffer, 0, 64, true);
        MemoryRange read = new(Field.SrcAddress, Region.Buffer, 63, 80, false);
        Assert.IsTrue(write.ConflictsWith(read));
        Assert.IsTrue(read.ConflictsWith(write));
        Assert.IsFalse(read.ConflictsWith(read));
        Assert.IsFalse(write.ConflictsWith(read with { Start = 64 }));
        Assert.IsFalse(write.ConflictsWith(read with { Region = Region.Psum }));
    }

    private static Instruction RandomInstruction(Opcode opcode, Random random)
    {
        Instruction i = new(opcode);
        foreach (FieldDefinition field in i.Definition.Fields)
        {
            long most = field.Id is Field.Channels or Field.SrcChannels or Field.SrcImageChannels
                ? 20
                : field.Id == Field.ElementBits ? 8 : field.Maximum > 64 ? 64 : 6;
            i[field.Id] = field.Kind switch
            {
                FieldKind.Format => FormatField.Encode(Formats[random.Next(Formats.Length)]),
                FieldKind.Name => random.NextInt64(field.Minimum, field.Maximum + 1),
                FieldKind.Address => random.Next(1000) * field.Scale,
                _ when field.Scale == 8 => random.Next(50) * 8,
                _ when field.Id is Field.Images or Field.Rows or Field.Columns or Field.KernelRows or Field.KernelColumns
                    or Field.SrcImageRows or Field.SrcImageColumns or Field.Groups or Field.AddGroups or Field.ChannelGroups =>
                    random.Next((int)field.Minimum, 4),
                _ when field.Id is Field.SrcRows or Field.SrcColumns or Field.StrideY or Field.StrideX or Field.DilationY
                    or Field.DilationX or Field.PadTop or Field.PadLeft or Field.Multiplier => random.Next((int)field.Minimum, 7),
                _ => random.NextInt64(field.Minimum, most + 1),
            };
        }

        if (opcode is Opcode.MatMul or Opcode.Conv or Opcode.Depthwise)
            i[Field.WeightFormat] = FormatField.Encode(Formats[random.Next(3)]);
        if (opcode is Opcode.Load or Opcode.Store && random.Next(3) == 0)
            i[Field.ElementBits] = random.Next(2) == 0 ? 16 : 32;
        if (opcode == Opcode.Depthwise)
            i[Field.Channels] = random.Next(1, 5) * i[Field.Multiplier];
        return i;
    }

    private static void Walk(Instruction i, Action<Field, Region, bool, long, long> touch)
    {
        switch (i.Opcode)
        {
            case Opcode.Load or Opcode.Store:
                long slot = i[Field.ElementBits] <= 8 ? 1 : i[Field.ElementBits] / 8;
                Each(i, (n, y, x) =>
                {
                    for (long g = 0; g < i[Field.ChannelGroups]; g++)
                    {
                        touch(Field.DramAddress, (Region)i[Field.DramRegion], i.Opcode == Opcode.Store,
                            i[Field.DramAddress] + n * i[Field.DramImagePitch] + y * i[Field.DramRowPitch] + x * i[Field.DramPixelPitch]
                                + g * i[Field.ElementBits], i[Field.ElementBits]);
                        touch(Field.BufferAddress, Region.Buffer, i.Opcode == Opcode.Load,
                            i[Field.BufferAddress] + n * i[Field.BufferImagePitch] + y * i[Field.BufferRowPitch]
                                + x * i[Field.BufferPixelPitch] + g * 8 * slot, 8 * slot);
                    }
                });
                break;
            case Opcode.MatMul:
                for (long p = 0; p < i[Field.Images]; p++)
                    Pixel(i, Field.SrcAddress, Region.Buffer, false, p, 0, 0, i[Field.SrcChannels], touch);
                WalkArray(i, i[Field.Images], i[Field.SrcChannels], touch);
                break;
            case Opcode.Conv or Opcode.Depthwise:
                WalkWindow(i, i.Opcode == Opcode.Conv ? i[Field.Groups] * i[Field.SrcChannels] : i[Field.Channels] / i[Field.Multiplier],
                    touch);
                WalkArray(i, i[Field.Images] * i[Field.Rows] * i[Field.Columns],
                    i[Field.KernelRows] * i[Field.KernelColumns] * (i.Opcode == Opcode.Conv ? i[Field.SrcChannels] : 1), touch);
                break;
            case Opcode.Vector or Opcode.Lut:
                bool vector = i.Opcode == Opcode.Vector;
                Each(i, (n, y, x) =>
                {
                    Pixel(i, Field.SrcAddress, vector && i[Field.SrcSpace] == 1 ? Region.Psum : Region.Buffer, false, n, y, x,
                        i[Field.Channels], touch);
                    Pixel(i, Field.DstAddress, Region.Buffer, true, n, y, x, i[Field.Channels], touch);
                    if (vector)
                        Pixel(i, Field.AddAddress, Region.Buffer, false, n, y, x, 8 * i[Field.AddGroups], touch);
                });
                touch(Field.Constants, Region.Tables, false, i[Field.Constants], vector ? 40 : 256);
                break;
            case Opcode.Pool:
                WalkWindow(i, i[Field.Channels], touch);
                Each(i, (n, y, x) => Pixel(i, Field.DstAddress, i[Field.Mode] == 1 ? Region.Psum : Region.Buffer, true, n, y, x,
                    i[Field.Channels], touch));
                break;
            default:
                touch(Field.Constants, Region.Tables, false, i[Field.Constants], 40);
                Each(i, (n, y, x) => Pixel(i, Field.DstAddress, Region.Buffer, true, n, y, x, i[Field.Channels], touch));
                for (long n = 0; n < i[Field.Images]; n++)
                    for (long y = 0; y < i[Field.SrcImageRows]; y++)
                        for (long x = 0; x < i[Field.SrcImageColumns]; x++)
                            Pixel(i, Field.SrcAddress, Region.Buffer, false, n, y, x, i[Field.SrcImageChannels], touch);
                break;
        }
    }

    private static void WalkWindow(Instruction i, long channels, Action<Field, Region, bool, long, long> touch) => Each(i, (n, y, x) =>
    {
        for (long r = 0; r < i[Field.KernelRows]; r++)
        {
            for (long s = 0; s < i[Field.KernelColumns]; s++)
            {
                long row = y * i[Field.StrideY] + r * i[Field.DilationY] - i[Field.PadTop];
                long column = x * i[Field.StrideX] + s * i[Field.DilationX] - i[Field.PadLeft];
                if (row >= 0 && row < i[Field.SrcRows] && column >= 0 && column < i[Field.SrcColumns])
                    Pixel(i, Field.SrcAddress, Region.Buffer, false, n, row, column, channels, touch);
            }
        }
    });

    private static void WalkArray(Instruction i, long pixels, long taps, Action<Field, Region, bool, long, long> touch)
    {
        PatternFormat format = FormatField.Decode(i[Field.WeightFormat]);
        int bits = i[Field.WeightCoding] == 1 || format.Bits > 8 ? format.Bits : WeightCode.Bits(format);
        long at = i[Field.WeightAddress];
        for (long k = 0; k < i[Field.Channels]; k++)
        {
            touch(Field.WeightAddress, Region.Buffer, false, at, (taps * bits + 7) / 8);
            at += (taps * bits + 7) / 8;
            if (i[Field.Start] == 1)
                touch(Field.BiasAddress, Region.Buffer, false, i[Field.BiasAddress] + 4 * k, 4);
        }

        for (long p = 0; p < pixels; p++)
        {
            long groups = (i[Field.Channels] + 7) / 8;
            touch(Field.PsumAddress, Region.Psum, true, i[Field.PsumAddress] + p * groups * 32, groups * 32);
            if (i[Field.Start] == 2)
                touch(Field.PsumAddress, Region.Psum, false, i[Field.PsumAddress] + p * groups * 32, groups * 32);
        }
    }

    private static void Pixel(Instruction i, Field first, Region region, bool write, long n, long y, long x, long channels,
        Action<Field, Region, bool, long, long> touch)
    {
        PatternFormat format = FormatField.Decode(i[first + 1]);
        for (long group = 0; group < (channels + 7) / 8; group++)
            touch(first, region, write, i[first] + n * i[first + 4] + y * i[first + 3] + x * i[first + 2] + group * 8 * format.SlotBytes,
                8 * format.SlotBytes);
    }

    private static void Each(Instruction i, Action<long, long, long> visit)
    {
        for (long n = 0; n < i[Field.Images]; n++)
            for (long y = 0; y < i[Field.Rows]; y++)
                for (long x = 0; x < i[Field.Columns]; x++)
                    visit(n, y, x);
    }

    private static IEnumerable<long> Range(long count) => Enumerable.Range(0, (int)count).Select(i => (long)i);
}
