using System.Collections.Immutable;
using System.Text.Json;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Machines;

/// <summary>A user's machine from a JSON file: an array with a dataflow (docs/machines.md).</summary>
internal static class JsonMachine
{
    private static readonly string[] Fields =
        ["name", "title", "format", "dataflow", "rows", "columns", "bits", "macPicojoules", "source"];

    /// <summary>Reads a machine.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferBytes">On-chip buffer.</param>
    /// <exception cref="EbspException">EBSP8002: the file is no machine; EBSP1001: it cannot be read.</exception>
    public static IMachine Read(string path, int bufferBytes)
    {
        byte[] data = FileBytes.Read(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(data,
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = 4 });
            return Of(document.RootElement, path, bufferBytes);
        }
        catch (JsonException e)
        {
            throw DiagnosticDescriptors.BadLabMachine.Error(path, null, $"not JSON: {e.Message.TrimEnd('.')}");
        }
    }

    private static ComparedMachine Of(JsonElement root, string path, int bufferBytes)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Bad("a machine is one JSON object");
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!Fields.Contains(property.Name))
                throw Bad($"field '{property.Name}' is unknown; the fields are {string.Join(", ", Fields)}");
        }

        int rows = Whole("rows", 1, 65_536), columns = Whole("columns", 8, 65_536), bits = Whole("bits", 1, 32);
        string name = Text("name"), dataflow = Text("dataflow");
        ActionCost mac = ActionCost.Fixed(Number("macPicojoules"), Text("source"));
        MachineSpec spec = new(name, Optional("title") ?? name, Optional("format") ?? $"int{bits}", checked(rows * columns),
            (double)rows * columns, bits, "",
            Text("source"));
        return dataflow switch
        {
            "weight-stationary" => new WeightStationary(
                ArchPresets.Default with { Name = name, Rows = rows, Columns = columns, BufferBytes = bufferBytes }, spec, mac, false,
                bits, 1),
            "output-stationary" => new OutputStationary(rows, columns, spec, mac, bufferBytes),
            _ => throw Bad($"field 'dataflow' must be weight-stationary or output-stationary, not '{dataflow}'"),
        };

        EbspException Bad(string cause) => DiagnosticDescriptors.BadLabMachine.Error(path, null, cause);

        JsonElement Field(string field) =>
            root.TryGetProperty(field, out JsonElement value) ? value : throw Bad($"field '{field}' is missing");

        int Whole(string field, int least, int most) =>
            Field(field) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) && number >= least
                && number <= most
                ? number : throw Bad($"field '{field}' must be a whole number in {least}..{most}");

        double Number(string field) =>
            Field(field) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) && number is >= 0 and <= 1e9
                ? number : throw Bad($"field '{field}' must be a number in 0..1e9");

        string Text(string field) => Field(field) is { ValueKind: JsonValueKind.String } value && value.GetString()
            is { Length: > 0 and <= 200 } text
            ? text : throw Bad($"field '{field}' must be a text of 1..200 characters");

        string? Optional(string field) => root.TryGetProperty(field, out _) ? Text(field) : null;
    }
}

/// <summary>A plain output-stationary array: an output in each element, operands passing by; every fold fills and drains.</summary>
internal sealed class OutputStationary(int rows, int columns, MachineSpec spec, ActionCost mac, long bufferBytes)
    : ComparedMachine(spec, bufferBytes,
    new MachineAction("MACs", EnergyPart.Core, mac),
    new MachineAction("bytes handed on", EnergyPart.Core, ActionCost.Row("register.pass.byte")))
{
    /// <inheritdoc/>
    protected override ArrayWork Work(LayerShape layer, Placement placement)
    {
        long pixels = (long)layer.N * layer.P * layer.Q, outputs = layer.K / layer.Groups,
            reduction = (long)layer.R * layer.S * (layer.C / layer.Groups);
        long pixelFolds = Whole.Ceil(pixels, rows), channelFolds = Whole.Ceil(outputs, columns);
        double cycles = (double)layer.Groups * pixelFolds * channelFolds * (reduction + rows + columns - 2),
            bytes = Spec.ActivationBits / 8.0;
        double read = layer.Groups * (double)reduction * (pixels * channelFolds + outputs * pixelFolds) * bytes;
        return new ArrayWork(cycles, read, layer.Outputs * bytes, [layer.Macs, 2 * layer.Macs * bytes]);
    }
}
