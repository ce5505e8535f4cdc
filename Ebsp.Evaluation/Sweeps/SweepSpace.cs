using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Experiments;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Sweeps;

/// <summary>What a sweep varies: every combination is a point.</summary>
/// <param name="Networks">Names or files.</param>
/// <param name="Bits">Operand bits B.</param>
/// <param name="Lengths">Pattern lengths k.</param>
/// <param name="Batches">Images of a run.</param>
/// <param name="Buffers">On-chip buffers in bytes.</param>
/// <param name="Costs">Constants of all points.</param>
/// <param name="IsExecuted">Whether programs are compiled and timed.</param>
internal sealed record SweepSpace(ImmutableArray<string> Networks, ImmutableArray<int> Bits, ImmutableArray<int> Lengths,
    ImmutableArray<int> Batches, ImmutableArray<int> Buffers, CostSet Costs, bool IsExecuted)
{
    private const int MostPoints = 1_000_000, LeastBuffer = 65_536, MostBuffer = 1 << 29, MostImages = 4095, BufferStep = 64;

    /// <summary>Its points in an order that hangs on nothing but their values; pairs of B and k without a measured area are left
    /// out.</summary>
    /// <exception cref="EbspException">EBSP8005: a value is out of range, or there is no point; EBSP8001: an unknown network.</exception>
    public ImmutableArray<SweepPoint> Points()
    {
        Check("--batch", Batches, 1, MostImages);
        Check("--buffer", Buffers, LeastBuffer, MostBuffer);
        if (Buffers.FirstOrDefault(bytes => bytes % BufferStep != 0) is var odd and not 0)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"--buffer must be a multiple of {BufferStep} bytes, not {odd}"));
        (string Name, string Sha256)[] networks = [.. Networks.Distinct().Order(StringComparer.Ordinal).Select(Network)];
        (int Bits, int K)[] formats = [.. PatternPoint.Formats.Where(format => Bits.Contains(format.Bits) && Lengths.Contains(format.K))];
        long count = (long)networks.Length * formats.Length * Batches.Length * Buffers.Length;
        if (count is 0 or > MostPoints)
        {
            throw Bad(count == 0 ? "there is no point: no pattern of these lengths fits these bits, or a list is empty"
                : string.Create(CultureInfo.InvariantCulture, $"{count} points are more than {MostPoints}"));
        }

        return
        [
            .. from network in networks
               from format in formats
               from batch in Batches.Distinct().Order()
               from buffer in Buffers.Distinct().Order()
               select new SweepPoint(network.Name, network.Sha256, format.Bits, format.K, batch, buffer, Costs.Name, Costs.DramName,
                   Costs.Device, Costs.Column, IsExecuted),
        ];
    }

    private static (string Name, string Sha256) Network(string name)
    {
        bool isPublished = PublishedNetworks.All.Any(row => row.Name == name);
        // Refuses what no run could read.
        NetworkReader.Read(name);
        return (name, isPublished ? "" : Convert.ToHexStringLower(SHA256.HashData(FileBytes.Read(name))));
    }

    private static void Check(string option, ImmutableArray<int> values, int least, int most)
    {
        if (values.Any(value => value < least || value > most))
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"{option} must be in {least}..{most}"));
    }

    private static EbspException Bad(string cause) => DiagnosticDescriptors.BadSweep.Error(null, null, cause);
}
