using System.Numerics;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tests;

/// <summary>Array instructions against sums of ordinary products in arbitrary precision, written from the instruction table.</summary>
[TestClass]
public sealed class ArrayOracleTests
{
    [TestMethod]
    [DataRow(Opcode.Conv)]
    [DataRow(Opcode.MatMul)]
    [DataRow(Opcode.Depthwise)]
    public void Run_RandomTile_EqualsOrdinaryProducts(Opcode opcode)
    {
        for (int seed = 1000; seed < 1150; seed++)
        {
            TileProgram program = new(seed);
            RandomTiles.ArrayTile tile = RandomTiles.Array(program, opcode, program.Random.Next(2), 0);
            int[] expected = Expected(program, tile);
            EbspProgram built = program.Build();
            foreach (MachineOptions options in (MachineOptions[])[Runs.Literal, new MachineOptions()])
            {
                Runs.Log log = Runs.Record(built, options);
                Assert.IsNull(log.Trap);
                for (int i = 0; i < expected.Length; i++)
                    Assert.AreEqual(expected[i], log.Psums[i], $"seed {seed}, {options.Engine}, psum {i} of {tile.Instruction}");
            }
        }
    }

    private static int[] Expected(TileProgram program, RandomTiles.ArrayTile tile)
    {
        Instruction i = tile.Instruction;
        bool matMul = i.Opcode == Opcode.MatMul;
        int At(Field field) => (int)i[field];
        int rows = matMul ? 1 : At(Field.Rows);
        int columns = matMul ? 1 : At(Field.Columns);
        int kernelRows = matMul ? 1 : At(Field.KernelRows);
        int kernelColumns = matMul ? 1 : At(Field.KernelColumns);
        int channels = At(Field.Channels);
        int padded = (channels + 7) / 8 * 8;
        int[] psums = new int[At(Field.Images) * rows * columns * padded];
        for (int n = 0; n < At(Field.Images); n++)
        {
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < columns; x++)
                {
                    for (int k = 0; k < channels; k++)
                    {
                        BigInteger sum = At(Field.Start) == 1 ? tile.Biases[k] : 0;
                        int g = k / (channels / tile.Groups);
                        for (int r = 0; r < kernelRows; r++)
                        {
                            for (int s = 0; s < kernelColumns; s++)
                            {
                                int row = matMul ? 0 : y * At(Field.StrideY) + r * At(Field.DilationY) - At(Field.PadTop);
                                int column = matMul ? 0 : x * At(Field.StrideX) + s * At(Field.DilationX) - At(Field.PadLeft);
                                if (!matMul && (row < 0 || row >= At(Field.SrcRows) || column < 0 || column >= At(Field.SrcColumns)))
                                    continue;
                                for (int c = 0; c < tile.SrcChannels; c++)
                                {
                                    int weight = tile.Weights[((k * kernelRows + r) * kernelColumns + s) * tile.SrcChannels + c];
                                    sum += (BigInteger)Source(program, tile.Source, n, row, column, g * tile.SrcChannels + c) * weight;
                                }
                            }
                        }

                        psums[((n * rows + y) * columns + x) * padded + k] = unchecked((int)(uint)(sum & uint.MaxValue));
                    }
                }
            }
        }

        return psums;
    }

    // Sign and magnitude, read without the emulator.
    private static int Source(TileProgram program, TensorOperand source, int n, int y, int x, int c)
    {
        int code = program.At(source.Address + n * source.ImagePitch + y * source.RowPitch + x * source.PixelPitch + c)[0];
        int sign = source.Format.Signed ? 1 << (source.Format.Bits - 1) : 0;
        return (code & sign) != 0 ? -(code - sign) : code;
    }
}
