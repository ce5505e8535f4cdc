namespace Ebsp.Isa.Numerics;

/// <summary>Which magnitudes a <see cref="PatternFormat"/> admits.</summary>
public enum FormatKind : byte
{
    /// <summary>All ones lie inside a window of k consecutive bits: m * 2^s with 0 &lt;= m &lt; 2^k.</summary>
    Window = 0,

    /// <summary>The ones form one run of at most k consecutive ones (a subset of <see cref="Window"/>, on the same hardware).</summary>
    SingleRun = 1,

    /// <summary>Every magnitude: a plain integer, legal where nothing is multiplied on the PE array.</summary>
    Uniform = 2,
}
