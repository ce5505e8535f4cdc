namespace Ebsp.Compiler.Quantization;

/// <summary>Tensors of all calibration images, float32 and integer side by side, each kept until its last reader has run.</summary>
internal sealed class CalibrationMaps(int count, int threads)
{
    private readonly Dictionary<string, float[][]> _real = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[][]> _integer = new(StringComparer.Ordinal);

    /// <summary>Images.</summary>
    public int Count => count;

    /// <summary>The tensor of the float network, H, W, C.</summary>
    public float[][] Real(string tensor) => _real[tensor];

    /// <summary>The tensor of the integer network, H, W, C.</summary>
    public int[][] Integer(string tensor) => _integer[tensor];

    public void Set(string tensor, float[][] maps) => _real[tensor] = maps;

    public void Set(string tensor, int[][] maps) => _integer[tensor] = maps;

    /// <summary>Computes something of each image.</summary>
    public T[] ForEach<T>(Func<int, T> compute)
    {
        T[] results = new T[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, n => results[n] = compute(n));
        return results;
    }

    /// <summary>Forgets what later steps do not read.</summary>
    public void Keep(IReadOnlySet<string> real, IReadOnlySet<string> integer)
    {
        foreach (string tensor in _real.Keys.Where(tensor => !real.Contains(tensor)).ToArray())
            _real.Remove(tensor);
        foreach (string tensor in _integer.Keys.Where(tensor => !integer.Contains(tensor)).ToArray())
            _integer.Remove(tensor);
    }
}
