namespace Ebsp.SourceGen;

/// <summary>What the build says of one model: names, checked, and facts. Equal by value.</summary>
/// <param name="Path">The manifest's path.</param>
/// <param name="File">The model's file name, any characters.</param>
/// <param name="Namespace">Identifiers with points between, or empty for the global namespace.</param>
/// <param name="Class">An identifier.</param>
/// <param name="IsPublic">Whether other assemblies see the class.</param>
/// <param name="IsResource">Whether the program is a resource of the assembly, not a file beside it.</param>
/// <param name="Resource">Name of the resource, or path of the file below the application.</param>
/// <param name="Facts">What compiling found, or null before the first build.</param>
internal sealed record Manifest(
    string Path, string File, string Namespace, string Class, bool IsPublic, bool IsResource, string Resource, ManifestFacts? Facts)
{
    /// <summary>Namespace and class.</summary>
    public string FullName => Namespace.Length == 0 ? Class : Namespace + "." + Class;
}

/// <summary>What compiling found.</summary>
/// <param name="Digest">64 hexadecimal digits that the program's file must have.</param>
/// <param name="Input">What goes in.</param>
/// <param name="InputBits">Bits of an input value.</param>
/// <param name="ReverseChannels">Whether channel c of the network is channel C-1-c of raw pixels.</param>
/// <param name="Output">What comes out; the first of several outputs.</param>
/// <param name="Transform">What the host makes of the scores: none, softmax, log-softmax, ...</param>
/// <param name="Batch">Images of one run.</param>
/// <param name="Cycles">Cycles of one run.</param>
/// <param name="Machine">The machine that the program is for.</param>
internal sealed record ManifestFacts(
    string Digest, ManifestTensor Input, int InputBits, bool ReverseChannels, ManifestTensor Output, string Transform, int Batch,
        long Cycles, ManifestMachine Machine)
{
    /// <summary>The outputs behind the first, with what the host makes of each.</summary>
    public EquatableArray<ManifestOutput> OtherOutputs { get; init; } = new([]);
}

/// <summary>An output.</summary>
/// <param name="Tensor">What it is.</param>
/// <param name="Transform">What the host makes of it.</param>
internal sealed record ManifestOutput(ManifestTensor Tensor, string Transform);

/// <summary>A tensor at an end of the network.</summary>
/// <param name="Name">Its name in the model, any characters.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Scale">Real value of one unit as the manifest spells it: a JSON number, which is a C# number too.</param>
internal sealed record ManifestTensor(string Name, int Channels, int Height, int Width, string Scale);

/// <summary>The machine that a program is for.</summary>
/// <param name="Name">Its name, any characters.</param>
/// <param name="Rows">Rows of PEs.</param>
/// <param name="Columns">Columns of PEs.</param>
/// <param name="PatternLength">k.</param>
/// <param name="ClockHz">Clock.</param>
internal sealed record ManifestMachine(string Name, int Rows, int Columns, int PatternLength, long ClockHz);
