using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Sweeps;

/// <summary>What a point gives.</summary>
/// <param name="Elements">Elements that 0.32 mm2 hold.</param>
/// <param name="Rows">Rows of the array.</param>
/// <param name="Columns">Columns of the array.</param>
/// <param name="Cycles">Cycles of a run.</param>
/// <param name="Seconds">Time of a run.</param>
/// <param name="Utilization">0..1.</param>
/// <param name="DramBytes">Bytes read and written.</param>
/// <param name="Energy">Energy of a run, pJ.</param>
/// <param name="SignalToNoise">Of a Gaussian on the pattern, dB.</param>
internal sealed record SweepResult(int Elements, int Rows, int Columns, double Cycles, double Seconds, double Utilization, double DramBytes,
    EnergyBreakdown Energy, double SignalToNoise)
{
    private const string Schema = "ebspc-lab-sweep/1";

    /// <summary>Computes a point.</summary>
    /// <exception cref="EbspException">EBSP8006: the file of the network has changed; others as for a network.</exception>
    public static SweepResult Compute(SweepPoint point)
    {
        if (point.NetworkSha256.Length > 0
            && Convert.ToHexStringLower(SHA256.HashData(FileBytes.Read(point.Network))) != point.NetworkSha256)
        {
            throw DiagnosticDescriptors.OtherSweep.Error(point.Network, null, "the network has changed since the sweep was planned");
        }

        Network network = NetworkReader.Read(point.Network).WithBatch(point.Batch);
        int elements = MachineCatalog.ElementsOf(PatternPoint.AreaRow(point.Bits, point.K), point.Column);
        WeightStationary machine = EbspMachine.Analytic(MachineCatalog.EbspArray(elements, point.BufferBytes, point.K), point.Bits);
        Conditions conditions = new(BufferBytes: point.BufferBytes);
        NetworkResult result = point.IsExecuted ? ExecutedEbsp.Run(machine, network, conditions)
            : NetworkResult.Run(machine, network, conditions);
        return new SweepResult(elements, machine.Arch.Rows, machine.Arch.Columns, result.Cycles, result.Seconds, result.Utilization,
            result.Layers.Sum(layer => layer.DramReadBytes + layer.DramWrittenBytes), result.Energy(point.Costs),
            GaussianFit.Of(PatternFormat.Window(point.Bits, point.K, signed: true)).SignalToNoise);
    }

    /// <summary>The file of a point: point, tool, result and the SHA-256 of these, so that a damaged file is known.</summary>
    public byte[] ToFile(SweepPoint point)
    {
        JsonObject file = new()
        {
            ["schema"] = Schema,
            ["tool"] = Tool.ToolVersion.Full,
            ["point"] = point.ToJson(),
            ["result"] = new JsonObject
            {
                ["elements"] = Elements,
                ["rows"] = Rows,
                ["columns"] = Columns,
                ["cycles"] = Cycles,
                ["seconds"] = Seconds,
                ["utilization"] = Utilization,
                ["dramBytes"] = DramBytes,
                ["dramPj"] = Energy.Dram,
                ["bufferPj"] = Energy.Buffer,
                ["corePj"] = Energy.Core,
                ["staticPj"] = Energy.Static,
                ["sqnrDb"] = SignalToNoise,
            },
        };
        file["sha256"] = Digest(file);
        return Encoding.UTF8.GetBytes(file.ToJsonString() + "\n");
    }

    /// <summary>Reads the file of a point.</summary>
    /// <param name="point">The point.</param>
    /// <param name="data">Content of the file.</param>
    /// <returns>Null if it is damaged, of another point or of another version of the tool.</returns>
    public static SweepResult? Parse(SweepPoint point, byte[] data)
    {
        try
        {
            JsonObject file = JsonNode.Parse(data)!.AsObject();
            string? digest = (string?)file["sha256"];
            file.Remove("sha256");
            if (digest != Digest(file) || (string?)file["tool"] != Tool.ToolVersion.Full
                || file["point"]!.ToJsonString() != point.ToJson().ToJsonString())
            {
                return null;
            }

            JsonNode r = file["result"]!;
            return new SweepResult((int)r["elements"]!, (int)r["rows"]!, (int)r["columns"]!, (double)r["cycles"]!, (double)r["seconds"]!,
                (double)r["utilization"]!, (double)r["dramBytes"]!,
                new EnergyBreakdown((double)r["dramPj"]!, (double)r["bufferPj"]!, (double)r["corePj"]!, (double)r["staticPj"]!),
                (double)r["sqnrDb"]!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            return null;
        }
    }

    private static string Digest(JsonObject file) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.ToJsonString())));
}
