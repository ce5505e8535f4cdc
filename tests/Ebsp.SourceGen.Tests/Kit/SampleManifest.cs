using Ebsp.Json;

namespace Ebsp.SourceGen.Tests.Kit;

/// <summary>A manifest as the build writes it; tests change what they are about.</summary>
internal sealed record SampleManifest
{
    public const string SampleDigest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    public string Path { get; init; } = "/src/obj/ebsp/digits.01234567.ebspmodel.json";
    public string File { get; init; } = "digits.onnx";
    public string Namespace { get; init; } = "Digits";
    public string Class { get; init; } = "DigitsModel";
    public string Access { get; init; } = "internal";
    public string Load { get; init; } = "embedded";
    public string Resource { get; init; } = "ebsp.0123456789abcdef.ebsp";
    public string InputName { get; init; } = "pixels";
    public string OutputName { get; init; } = "scores";
    public string MachineName { get; init; } = "default";
    public string Transform { get; init; } = "softmax";
    public string Digest { get; init; } = SampleDigest;
    public int Batch { get; init; } = 1;
    public bool ReverseChannels { get; init; }
    public bool HasFacts { get; init; } = true;

    /// <summary>Lists that a manifest need not have: class names and layer names.</summary>
    public int Labels { get; init; }

    public int Layers { get; init; }

    /// <summary>Outputs behind the first.</summary>
    public int OtherOutputs { get; init; }

    public string FullName => Namespace.Length == 0 ? Class : $"{Namespace}.{Class}";

    public string Json()
    {
        JsonWriter json = new JsonWriter().BeginObject()
            .Name("ebspModel").Value(1).Name("file").Value(File).Name("namespace").Value(Namespace).Name("class").Value(Class)
                .Name("access").Value(Access)
            .Name("load").Value(Load).Name("resource").Value(Resource).Name("designTime").Value(!HasFacts).Name("facts");
        if (!HasFacts)
            return json.Value((string?)null).EndObject().ToString();
        json.BeginObject().Name("source").Value(File).Name("digest").Value(Digest).Name("bytes").Value(12345)
            .Name("input").BeginObject().Name("name").Value(InputName).Name("channels").Value(1).Name("height").Value(8).Name("width")
                .Value(8).Name("terms").Value(2)
            .Name("bits").Value(8).Name("pattern").Value(3).Name("scale").Value(JsonReader.Read("0.00392156862745098"))
                .Name("reverseChannels").Value(ReverseChannels).EndObject()
            .Name("output").BeginObject().Name("name").Value(OutputName).Name("channels").Value(10).Name("height").Value(1).Name("width")
                .Value(1)
            .Name("scale").Value(JsonReader.Read("1.25E-05")).Name("transform").Value(Transform).EndObject()
            .Name("batch").Value(Batch).Name("labels").Value(Labels).Name("layers").Value(Layers).Name("instructions").Value(123)
                .Name("weightBytes").Value(4711)
            .Name("machine").BeginObject().Name("name").Value(MachineName).Name("rows").Value(66).Name("columns").Value(73)
                .Name("patternLength").Value(3)
            .Name("clockHz").Value(500_000_000).EndObject()
            .Name("cycles").Value(2486).Name("utilization").Value(JsonReader.Read("0.0512"));
        if (OtherOutputs > 0)
        {
            json.Name("outputs").BeginArray();
            for (int i = 0; i <= OtherOutputs; i++)
            {
                json.BeginObject().Name("name").Value($"{OutputName} \"{i}\"").Name("channels").Value(4).Name("height").Value(i + 1)
                    .Name("width").Value(2).Name("scale").Value(JsonReader.Read("0.5")).Name("transform").Value("sigmoid").EndObject();
            }

            json.EndArray();
        }

        Names(json, "labelNames", "class ", Labels);
        Names(json, "layerNames", "layer ", Layers);
        return json.EndObject().EndObject().ToString();
    }

    private static void Names(JsonWriter json, string name, string prefix, int count)
    {
        if (count == 0)
            return;
        json.Name(name).BeginArray();
        for (int i = 0; i < count; i++)
            json.Value($"{prefix}{i}");
        json.EndArray();
    }
}
