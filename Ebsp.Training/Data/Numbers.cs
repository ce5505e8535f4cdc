namespace Ebsp.Training.Data;

/// <summary>
/// Random numbers that are a function of seed, purpose and place (splitmix64, Steele et al. 2014): a resumed run has no generator to
/// bring back, and any number of them is independent of the others.
/// </summary>
/// <param name="seed">Seed of the run.</param>
/// <param name="purpose">What it is for.</param>
/// <param name="place">Such as the epoch.</param>
internal struct Numbers(ulong seed, string purpose, ulong place)
{
    private ulong _state = Mixed(Mixed(seed) + Mixed(Hash(purpose)) * 3 + Mixed(place) * 7);

    /// <summary>Evenly spread over 0..bound-1.</summary>
    /// <param name="bound">At least 1.</param>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Normal, of mean 0 and deviation 1 (Box and Muller).</summary>
    public double Normal()
    {
        double u = ((Next() >> 11) + 1) * (1.0 / (1UL << 53)), v = (Next() >> 11) * (1.0 / (1UL << 53));
        return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
    }

    /// <summary>0..count-1 in a random order.</summary>
    public int[] Order(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private ulong Next() => Mixed(_state += 0x9E3779B97F4A7C15);

    private static ulong Mixed(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
            hash = (hash ^ c) * 1099511628211;
        return hash;
    }
}
