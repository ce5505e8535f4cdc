using System.Numerics;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Timing;

/// <summary>Burst bytes of a strided transfer in closed form: the cost depends on the burst size, not on the number of pixels.</summary>
internal static class DramBursts
{
    /// <summary>
    /// The sum of ArchSpec.BurstBytes over the contiguous runs of a LOAD or STORE. Pixels that touch form one row run, rows that touch
    /// (of one run each) one image run, images that touch one run; merging stops at the first level with a gap or an overlap.
    /// </summary>
    /// <param name="transfer">A LOAD or STORE.</param>
    /// <param name="burst">Bytes of a burst, a power of two.</param>
    public static long Bytes(TransferInstruction transfer, int burst)
    {
        long columns = transfer.Tile.Columns, rows = transfer.Tile.Rows, images = transfer.Tile.Images;
        (long address, long columnPitch, long rowPitch, long imagePitch) = transfer.Dram;
        checked
        {
            long run = transfer.DramPixelBytes;
            bool merged = Merge(ref run, ref columns, columnPitch, true);
            merged = Merge(ref run, ref rows, rowPitch, merged);
            Merge(ref run, ref images, imagePitch, merged);

            // A level whose pitch continues the progression below it makes one longer progression; the runs stay the same.
            Chain(ref rows, ref rowPitch, ref columns, columnPitch);
            Chain(ref images, ref imagePitch, ref rows, rowPitch);
            return Sum(address, run, burst, columns, columnPitch, rows, rowPitch, images, imagePitch);
        }
    }

    private static bool Merge(ref long run, ref long count, long pitch, bool mergedBelow)
    {
        if (!mergedBelow || (count > 1 && pitch != run))
            return false;
        run = checked(run * count);
        count = 1;
        return true;
    }

    private static void Chain(ref long count, ref long pitch, ref long innerCount, long innerPitch)
    {
        if (innerCount > 1 && (count == 1 || pitch == innerCount * innerPitch))
        {
            count *= innerCount;
            pitch = innerPitch;
            innerCount = 1;
        }
    }

    private static long Sum(
        long address, long run, int burst, long columns, long columnPitch, long rows, long rowPitch, long images, long imagePitch)
    {
        int mask = burst - 1;
        int residue = (int)(address & mask);
        if (columns == 1 && rows == 1)
            return SumOf(null, run, residue, images, imagePitch, mask);

        // The bytes of a run depend on its address modulo the burst alone: one table of residues a level, then one look-up.
        long[] bytes = new long[burst];
        for (int r = 0; r < burst; r++)
            bytes[r] = RunBytes(run, r, mask);
        if (columns > 1)
            bytes = Slide(bytes, columns, columnPitch);
        if (rows > 1)
            bytes = Slide(bytes, rows, rowPitch);
        return SumOf(bytes, run, residue, images, imagePitch, mask);
    }

    private static long RunBytes(long run, long residue, int mask) => checked(residue + run + mask) & ~(long)mask;

    // Sum over i < count of bytes[(residue + i * pitch) mod burst]: whole periods, then the rest.
    private static long SumOf(long[]? bytes, long run, int residue, long count, long pitch, int mask)
    {
        int step = (int)(pitch & mask);
        int period = step == 0 ? 1 : (mask + 1) >> BitOperations.TrailingZeroCount(step);
        long total = 0, head = 0;
        long rest = count % period;
        long terms = Math.Min(count, period);
        for (long i = 0; i < terms; i++)
        {
            int r = (int)(residue + i * step) & mask;
            total = checked(total + (bytes is null ? RunBytes(run, r, mask) : bytes[r]));
            if (i + 1 == rest)
                head = total;
        }

        return checked(count < period ? total : count / period * total + head);
    }

    // The same sum from every residue at once: along an orbit of r -> r + pitch it is a sliding window.
    private static long[] Slide(long[] bytes, long count, long pitch)
    {
        int mask = bytes.Length - 1;
        int step = (int)(pitch & mask);
        int orbits = step == 0 ? bytes.Length : step & -step;
        int period = bytes.Length / orbits;
        int rest = (int)(count % period);
        long[] sums = new long[bytes.Length];
        for (int first = 0; first < orbits; first++)
        {
            long sum = SumOf(bytes, 0, first, count, pitch, mask);
            int at = first;
            for (int i = 0; i < period; i++)
            {
                sums[at] = sum;
                sum = checked(sum + bytes[(at + rest * step) & mask] - bytes[at]);
                at = (at + step) & mask;
            }
        }

        return sums;
    }
}
