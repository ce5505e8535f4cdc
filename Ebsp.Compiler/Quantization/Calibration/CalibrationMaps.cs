using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>
/// Tensors of all calibration images, float32 and integer side by side, each kept until its last reader has run. Integers lie in the
/// narrowest type that holds them: memory goes by the largest maps of the network times the images.
/// </summary>
internal sealed class CalibrationMaps(int count, int threads)
{
    private const long GarbageBytes = 256L << 20;

    private readonly Dictionary<string, float[][]> _real = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Array[]> _integer = new(StringComparer.Ordinal);

    private long _collected = GC.GetTotalAllocatedBytes();

    /// <summary>Images.</summary>
    public int Count => count;

    /// <summary>The tensor of the float network, H, W, C.</summary>
    public float[][] Real(string tensor) => _real[tensor];

    /// <summary>The tensor of the integer network in one image, H, W, C; not to be written to.</summary>
    public int[] Integer(string tensor, int image)
    {
        Array map = _integer[tensor][image];
        if (map is int[] whole && map.GetType() == typeof(int[]))
            return whole;
        int[] values = new int[map.Length];
        // The runtime takes byte[] for sbyte[]: only the exact type tells them apart.
        if (map.GetType() == typeof(sbyte[]))
            Widen(Unsafe.As<sbyte[]>(map), values);
        else if (map.GetType() == typeof(byte[]))
            Widen(Unsafe.As<byte[]>(map), values);
        else
            Widen(Unsafe.As<short[]>(map), values);
        return values;
    }

    public void Set(string tensor, float[][] maps) => _real[tensor] = maps;

    /// <summary>Computes and keeps an integer tensor.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="compute">The map of an image; called from several threads.</param>
    public void SetEach(string tensor, Func<int, int[]> compute) => _integer[tensor] = ForEach(n => Pack(compute(n)));

    /// <summary>Computes something of each image.</summary>
    public T[] ForEach<T>(Func<int, T> compute)
    {
        T[] results = new T[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, n =>
        {
            results[n] = compute(n);
            Collect();
        });
        return results;
    }

    /// <summary>Forgets an integer tensor.</summary>
    public void Forget(string tensor) => _integer.Remove(tensor);

    /// <summary>Forgets what later steps do not read.</summary>
    public void Keep(IReadOnlySet<string> real, IReadOnlySet<string> integer)
    {
        foreach (string tensor in _real.Keys.Where(tensor => !real.Contains(tensor)).ToArray())
            _real.Remove(tensor);
        foreach (string tensor in _integer.Keys.Where(tensor => !integer.Contains(tensor)).ToArray())
            _integer.Remove(tensor);
    }

    private static Array Pack(int[] map)
    {
        (int least, int most) = (0, 0);
        foreach (int value in map)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return (least, most) switch
        {
            ( >= sbyte.MinValue, <= sbyte.MaxValue) => Narrow(map, new sbyte[map.Length]),
            ( >= 0, <= byte.MaxValue) => Narrow(map, new byte[map.Length]),
            ( >= short.MinValue, <= short.MaxValue) => Narrow(map, new short[map.Length]),
            _ => map,
        };
    }

    private static T[] Narrow<T>(int[] from, T[] to) where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = T.CreateTruncating(from[i]);
        return to;
    }

    private static void Widen<T>(T[] from, int[] to) where T : unmanaged, INumberBase<T>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = int.CreateTruncating(from[i]);
    }

    // Maps are large objects, of which the collector lets garbage pile up as high as what lives: it is asked before that.
    private void Collect()
    {
        long allocated = GC.GetTotalAllocatedBytes(), last = Interlocked.Read(ref _collected);
        if (allocated - last > GarbageBytes && Interlocked.CompareExchange(ref _collected, allocated, last) == last)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
    }
}
