namespace Ebsp.Isa.Numerics;

/// <summary>How weights are written in memory.</summary>
public enum WeightCoding : byte
{
    /// <summary>As few bits as the set needs: <see cref="WeightCode"/>.</summary>
    Index = 0,

    /// <summary>Sign and magnitude in B bits: <see cref="SlotCode"/>.</summary>
    Plain = 1,
}
