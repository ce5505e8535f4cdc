using System.Globalization;
using System.Text;
using Ebsp.Json;

namespace Ebsp.SourceGen;

/// <summary>Reads a manifest; whatever is wrong with it is a finding.</summary>
internal sealed class ManifestReader
{
    /// <summary>The version that is read.</summary>
    public const int Version = 1;

    /// <summary>UTF-16 units of a manifest.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>UTF-16 units of a name that is data: names of tensors, of the file, of the machine, of the resource. All of them escaped
    /// fit in 64 KiB.</summary>
    public const int MaxNameLength = 2048;

    /// <summary>UTF-8 bytes of the class's name, and of the namespace; an assembly holds 1,023 of both with a point between.</summary>
    public const int MaxIdentifierBytes = 511;

    private static readonly string[] Transforms =
        ["none", "softmax", "log-softmax", "arg-max", "sigmoid", "exp", "normalize-1", "normalize-2"];

    // The spelling of a scale is copied into the class.
    private const int MaxNumberLength = 64;
    private readonly string path;
    private readonly string text;

    // The model's file name, for messages, once it is known.
    private string? model;

    private ManifestReader(string path, string text)
    {
        this.path = path;
        this.text = text;
    }

    /// <summary>The manifest in a text, or what is wrong with it.</summary>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="text">The text, or null if the file cannot be read.</param>
    public static ManifestResult Read(string path, string? text)
    {
        if (text is null)
            return new ManifestResult(null, new Finding(GeneratorDiagnostics.Manifest, path, 0, 0, "the file cannot be read"));
        if (text.Length > MaxLength)
            return new ManifestResult(null, new Finding(GeneratorDiagnostics.Manifest, path, 0, 0, "the file is too long"));
        try
        {
            return new ManifestResult(new ManifestReader(path, text).Root(JsonReader.Read(text)), null);
        }
        catch (JsonException error)
        {
            return new ManifestResult(null, Finding.At(GeneratorDiagnostics.Manifest, path, text, error.Position, error.Reason));
        }
        catch (RefusedException refused)
        {
            return new ManifestResult(null, refused.Finding);
        }
    }

    private Manifest Root(JsonValue root)
    {
        JsonValue version = Member(root, "ebspModel");
        if (version.AsInt64() != Version)
            throw Refused(GeneratorDiagnostics.Version, version, version.Kind == JsonKind.Number && version.Text.Length <= MaxNumberLength
                ? version.Text
                : "of another kind");

        string file = Name(root, "file", "the model's file name");
        model = CSharpText.Message(file);
        string space = Identifier(root, "namespace", "the namespace", Identifiers.ProblemOfNamespace);
        string type = Identifier(root, "class", "the class's name", Identifiers.ProblemOfClass);
        bool isPublic = Choice(root, "access", "internal", "public") == 1;
        bool isResource = Choice(root, "load", "embedded", "file") == 0;
        string resource = Name(root, "resource", "the resource's name");
        if (Identifiers.ProblemOfResource(resource, isResource) is string problem)
            throw Refused(GeneratorDiagnostics.Manifest, Member(root, "resource"), "'resource' " + problem);
        bool designTime = Boolean(root, "designTime");
        JsonValue facts = Member(root, "facts");
        if (facts.IsNull && !designTime)
            throw Refused(GeneratorDiagnostics.Manifest, facts, "'facts' is null");
        Manifest manifest = new(path, file, space, type, isPublic, isResource, resource, facts.IsNull ? null : Facts(facts));
        if (Identifiers.ProblemOfFullName(space, manifest.FullName) is string clash)
            throw Refused(GeneratorDiagnostics.Name, Member(root, "class"), $"the class '{CSharpText.Message(manifest.FullName)}' {clash}");
        if (manifest.Facts?.OtherOutputs.Any() == true && ClassWriter.IsMemberOfSeveral(type))
            throw Refused(GeneratorDiagnostics.Name, Member(root, "class"),
                $"the class's name '{CSharpText.Message(type)}' is the name of one of the class's own members");
        return manifest;
    }

    private ManifestFacts Facts(JsonValue facts)
    {
        JsonValue digest = Member(facts, "digest");
        if (digest.AsString() is not { Length: 64 } hash || !hash.All(unit => unit is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
            throw Refused(GeneratorDiagnostics.Manifest, digest, "'digest' is not 64 hexadecimal digits");
        JsonValue input = Member(facts, "input");
        JsonValue output = Member(facts, "output");
        return new ManifestFacts(
            hash,
            Tensor(input, "the input's name"),
            Int(input, "bits"),
            Boolean(input, "reverseChannels"),
            Tensor(output, "the output's name"),
            Transform(output),
            Int(facts, "batch"),
            Long(facts, "cycles"),
            Machine(Member(facts, "machine")))
        {
            OtherOutputs = new([.. (facts.Find("outputs")?.Items ?? []).Skip(1)
                .Select(each => new ManifestOutput(Tensor(each, "an output's name"), Transform(each)))]),
        };
    }

    private string Transform(JsonValue output) => Transforms[Choice(output, "transform", Transforms)];

    private ManifestTensor Tensor(JsonValue tensor, string what) =>
        new(Name(tensor, "name", what, mayBeEmpty: true), Int(tensor, "channels"), Int(tensor, "height"), Int(tensor, "width"),
            Scale(tensor));

    private ManifestMachine Machine(JsonValue machine) =>
        new(Name(machine, "name", "the machine's name", mayBeEmpty: true), Int(machine, "rows"), Int(machine, "columns"),
            Int(machine, "patternLength"), Long(machine, "clockHz"));

    private JsonValue Member(JsonValue owner, string name)
    {
        if (owner.Kind != JsonKind.Object)
            throw Refused(GeneratorDiagnostics.Manifest, owner, $"an object with '{name}' is missing");
        return owner.Find(name) ?? throw Refused(GeneratorDiagnostics.Manifest, owner, $"'{name}' is missing");
    }

    private string Text(JsonValue owner, string name) =>
        Member(owner, name).AsString() ?? throw Refused(GeneratorDiagnostics.Manifest, Member(owner, name), $"'{name}' is no string");

    private string Name(JsonValue owner, string name, string what, bool mayBeEmpty = false)
    {
        string value = Text(owner, name);
        if (value.Length > MaxNameLength)
            throw TooLong(Member(owner, name), what, value.Length, "characters", MaxNameLength);
        return value.Length > 0 || mayBeEmpty
            ? value
            : throw Refused(GeneratorDiagnostics.Manifest, Member(owner, name), $"'{name}' is empty");
    }

    private string Identifier(JsonValue owner, string name, string what, Func<string, string?> problemOf)
    {
        string value = Text(owner, name);
        int bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes > MaxIdentifierBytes)
            throw TooLong(Member(owner, name), what, bytes, "bytes in UTF-8", MaxIdentifierBytes);
        return problemOf(value) is string problem
            ? throw Refused(GeneratorDiagnostics.Name, Member(owner, name), $"{what} '{CSharpText.Message(value)}' {problem}")
            : value;
    }

    private int Choice(JsonValue owner, string name, params string[] choices)
    {
        int index = Array.IndexOf(choices, Text(owner, name));
        return index >= 0 ? index
            : throw Refused(GeneratorDiagnostics.Manifest, Member(owner, name), $"'{name}' is not one of {string.Join(", ", choices)}");
    }

    private bool Boolean(JsonValue owner, string name) =>
        Member(owner, name).AsBoolean()
            ?? throw Refused(GeneratorDiagnostics.Manifest, Member(owner, name), $"'{name}' is neither true nor false");

    private int Int(JsonValue owner, string name) =>
        Member(owner, name).AsInt64() is long value and >= 1 and <= int.MaxValue ? (int)value
            : throw Refused(GeneratorDiagnostics.Manifest, Member(owner, name),
                $"'{name}' is no whole number of 1 to {int.MaxValue.ToString(CultureInfo.InvariantCulture)}");

    private long Long(JsonValue owner, string name) =>
        Member(owner, name).AsInt64() is long value and >= 0 ? value
            : throw Refused(GeneratorDiagnostics.Manifest, Member(owner, name), $"'{name}' is no whole number of 0 or more");

    private string Scale(JsonValue owner)
    {
        JsonValue scale = Member(owner, "scale");
        return scale.AsDouble() is > 0 && scale.Text.Length <= MaxNumberLength ? scale.Text
            : throw Refused(GeneratorDiagnostics.Manifest, scale, "'scale' is no finite number above 0");
    }

    private RefusedException TooLong(JsonValue at, string what, int length, string unit, int limit) =>
        Refused(GeneratorDiagnostics.Length, at, FormattableString.Invariant($"{what} has {length} {unit}; {limit} are taken"));

    private RefusedException Refused(string code, JsonValue at, string cause) =>
        new(Finding.At(code, path, text, at.Position, model is null ? cause : $"{model}: {cause}"));

    private sealed class RefusedException(Finding finding) : Exception
    {
        public Finding Finding { get; } = finding;
    }
}

/// <summary>A manifest, or what is wrong with it.</summary>
/// <param name="Manifest">The manifest, or null.</param>
/// <param name="Finding">What is wrong, or null.</param>
internal sealed record ManifestResult(Manifest? Manifest, Finding? Finding);
