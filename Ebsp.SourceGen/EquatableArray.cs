using System.Collections;

namespace Ebsp.SourceGen;

/// <summary>An array that is equal to another by its elements, as the compiler needs it to see that a step changed nothing.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <param name="items">The elements; nobody changes them afterwards.</param>
internal readonly struct EquatableArray<T>(T[] items) : IEquatable<EquatableArray<T>>, IEnumerable<T>
    where T : IEquatable<T>
{
    private readonly T[] items = items;

    /// <inheritdoc/>
    public bool Equals(EquatableArray<T> other) => items.AsSpan().SequenceEqual(other.items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = items.Length;
        foreach (T item in items)
            hash = unchecked(hash * 31 + item.GetHashCode());
        return hash;
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
