namespace Ebsp.Json;

/// <summary>A text is no JSON, or not the JSON that is taken here.</summary>
internal sealed class JsonException : FormatException
{
    /// <summary>What is wrong, and where.</summary>
    /// <param name="reason">A clause that quotes nothing of the text.</param>
    /// <param name="position">Index of the UTF-16 unit at which reading stopped, 0..length.</param>
    public JsonException(string reason, int position)
        : base(FormattableString.Invariant($"{reason} at character {position}"))
    {
        Reason = reason;
        Position = position;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; }

    /// <summary>Index of the UTF-16 unit at which reading stopped, 0..length.</summary>
    public int Position { get; }
}
