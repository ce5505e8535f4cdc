using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Evaluation.Costs;

namespace Ebsp.Evaluation.Sweeps;

/// <summary>One design point: what is computed by itself, on any machine, with the same result.</summary>
/// <param name="Network">Name of a published network, or the path of a file.</param>
/// <param name="NetworkSha256">SHA-256 of the file, lower-case hexadecimal; empty for a published network.</param>
/// <param name="Bits">Operand bits B.</param>
/// <param name="K">Pattern length k.</param>
/// <param name="Batch">Images of a run.</param>
/// <param name="BufferBytes">On-chip buffer.</param>
/// <param name="Set">Energies of the core.</param>
/// <param name="Dram">DRAM energy.</param>
/// <param name="Device">SRAM devices.</param>
/// <param name="Column">What an element is taken to be.</param>
/// <param name="IsExecuted">Whether the program is compiled and timed; else EBSP is in closed form.</param>
internal sealed record SweepPoint(string Network, string NetworkSha256, int Bits, int K, int Batch, int BufferBytes, string Set,
    string Dram,
    DeviceType Device, CostColumn Column, bool IsExecuted)
{
    // 128 bits of SHA-256: no two points of any sweep meet.
    private const int IdLetters = 32;

    /// <summary>Its constants.</summary>
    public CostSet Costs => new() { Name = Set, DramName = Dram, Device = Device, Column = Column };

    /// <summary>Name of its result: the beginning of the SHA-256 of its JSON form, lower-case hexadecimal.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson().ToJsonString())))[..IdLetters];

    /// <summary>Its one JSON form: all fields, in this order.</summary>
    public JsonObject ToJson() => new()
    {
        ["network"] = Network,
        ["networkSha256"] = NetworkSha256,
        ["bits"] = Bits,
        ["k"] = K,
        ["batch"] = Batch,
        ["bufferBytes"] = BufferBytes,
        ["set"] = Set,
        ["dram"] = Dram,
        ["device"] = Device.ToString(),
        ["elements"] = Column.ToString(),
        ["executed"] = IsExecuted,
    };

    /// <summary>A point from its JSON form.</summary>
    /// <exception cref="InvalidOperationException">A field has another type.</exception>
    /// <exception cref="NullReferenceException">A field is missing.</exception>
    public static SweepPoint Of(JsonNode json) => new((string)json["network"]!, (string)json["networkSha256"]!, (int)json["bits"]!,
        (int)json["k"]!, (int)json["batch"]!, (int)json["bufferBytes"]!, (string)json["set"]!, (string)json["dram"]!,
        Enum.Parse<DeviceType>((string)json["device"]!), Enum.Parse<CostColumn>((string)json["elements"]!), (bool)json["executed"]!);
}
