using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ebsp.Compiler.CodeGen;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Google.Protobuf;
using Wire = Ebsp.Compiler.Protos.Ir;

namespace Ebsp.Compiler.Output;

/// <summary>
/// The model section of a program: its integer graph for the reference executor. Weights and biases stand once, in the weights region,
/// and the section says where.
/// </summary>
public static class ModelSection
{
    /// <summary>The section of a compiled graph.</summary>
    /// <param name="graph">The integer graph.</param>
    /// <param name="tiles">Where the weights of its convolutions lie.</param>
    public static byte[] Write(Graph graph, IEnumerable<WeightTile> tiles)
    {
        Wire.ProgramModel section = new() { Graph = GraphToWire.Model(graph) };
        Dictionary<string, int> index = [];
        for (int i = 0; i < section.Graph.Nodes.Count; i++)
        {
            index[section.Graph.Nodes[i].Name] = i;
            if (section.Graph.Nodes[i].IntegerConv is { } conv)
            {
                conv.Weights = ByteString.Empty;
                conv.Bias.Clear();
            }
        }

        foreach (WeightTile tile in tiles)
        {
            section.Places.Add(new Wire.WeightPlace
            {
                Node = index[tile.Node],
                FirstChannel = tile.FirstChannel,
                Channels = tile.Channels,
                FirstInput = tile.FirstInput,
                Inputs = tile.Inputs,
                BiasAddress = tile.Address,
                CodesAddress = tile.CodesAddress,
            });
        }

        return section.ToByteArray();
    }

    /// <summary>The integer graph of a program.</summary>
    /// <exception cref="EbspException">The section is absent or damaged.</exception>
    public static Graph Read(EbspProgram program)
    {
        if (program.Model.IsEmpty)
            throw GraphFile.Bad(null, $"the program carries no model section, so there is no reference to run");
        IReadOnlyCollection<string> unknown = WirePreScan.Check(program.Model.Span, Wire.ProgramModel.Descriptor, null);
        if (unknown.Count > 0)
            throw GraphFile.Bad(null, $"unknown fields {string.Join(", ", unknown.Take(8))}");
        Wire.ProgramModel section = Wire.ProgramModel.Parser.ParseFrom(program.Model.Span);
        if (section.Graph is null)
            throw GraphFile.Bad(null, $"the model section holds no graph");
        Dictionary<int, sbyte[]> weights = [];
        foreach (Wire.WeightPlace place in section.Places)
            Fill(section.Graph, place, program.Weights.Span, weights);
        foreach ((int node, sbyte[] values) in weights)
            section.Graph.Nodes[node].IntegerConv.Weights = ByteString.CopyFrom(MemoryMarshal.AsBytes<sbyte>(values));
        Graph graph = GraphFromWire.Graph(section.Graph, null);
        Verifier.Verify(graph);
        return graph;
    }

    private static void Fill(Wire.Model model, Wire.WeightPlace place, ReadOnlySpan<byte> region, Dictionary<int, sbyte[]> weights)
    {
        Wire.IntegerConv? conv = place.Node >= 0 && place.Node < model.Nodes.Count ? model.Nodes[place.Node].IntegerConv : null;
        if (conv is null || conv.KernelWindow is null || conv.WeightFormat is null || conv.Groups < 1 || conv.OutputChannels < 1)
            throw GraphFile.Bad(null, $"weights of node {place.Node}, which is no convolution");
        PatternFormat format = GraphFromWire.Format(conv.WeightFormat);
        string input = model.Nodes[place.Node].Inputs.FirstOrDefault() ?? "";
        int channels = model.Nodes.FirstOrDefault(node => node.Output == input)?.Type?.Shape?.Channels ?? model.InputType?.Shape?.Channels
            ?? 0;
        long taps = (long)conv.KernelWindow.KernelRows * conv.KernelWindow.KernelColumns;
        long inputs = channels / conv.Groups;
        long reduction = taps * inputs, part = taps * place.Inputs;
        if (taps < 1 || inputs < 1 || reduction * conv.OutputChannels > region.Length * 8L || format.Bits > PatternFormat.MaxOperandBits
            || format.MaxMagnitude > sbyte.MaxValue
            || place.FirstInput < 0 || place.Inputs < 1 || place.Inputs > inputs - place.FirstInput)
            throw GraphFile.Bad(null, $"weights of node {place.Node} do not fit its shape");
        int rowBytes = WeightPacking.PackedBytes((int)part, format, WeightCoding.Index);
        // The parts of a reduction follow the first one, which has the biases.
        int known = place.FirstInput == 0 ? place.FirstChannel : place.FirstChannel + place.Channels;
        if (place.FirstChannel < 0 || place.Channels < 1 || known != conv.Bias.Count
            || place.Channels > conv.OutputChannels - place.FirstChannel
            || place.BiasAddress < 0 || (place.FirstInput == 0 && place.BiasAddress > region.Length - 4L * place.Channels)
            || place.CodesAddress < 0 || place.CodesAddress > region.Length - (long)rowBytes * place.Channels)
        {
            throw GraphFile.Bad(null, $"weights of node {place.Node} from channel {place.FirstChannel} on lie outside the weights region");
        }

        if (!weights.TryGetValue(place.Node, out sbyte[]? values))
            weights[place.Node] = values = new sbyte[reduction * conv.OutputChannels];
        sbyte[] row = new sbyte[part];
        for (int k = 0; k < place.Channels; k++)
        {
            if (place.FirstInput == 0)
                conv.Bias.Add(BinaryPrimitives.ReadInt32LittleEndian(region[((int)place.BiasAddress + 4 * k)..]));
            if (!WeightPacking.TryUnpack(region.Slice((int)place.CodesAddress + k * rowBytes, rowBytes), format, WeightCoding.Index, row,
                out int bad))
                throw GraphFile.Bad(null,
                    $"weight {bad} of output channel {place.FirstChannel + k} of node {place.Node} is no value of {format}");
            Span<sbyte> target = values.AsSpan((int)((place.FirstChannel + k) * reduction + place.FirstInput * taps), (int)part);
            for (int tap = 0; tap < taps; tap++)
            {
                for (int c = 0; c < place.Inputs; c++)
                    target[(int)(c * taps) + tap] = row[tap * place.Inputs + c];
            }
        }
    }
}
