using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>Of what a model's outputs were made: decides whether they still hold.</summary>
/// <param name="Tool">Identity of the compiler.</param>
/// <param name="Key">Name of the entry in the store.</param>
/// <param name="Arguments">What the project said, full paths included.</param>
/// <param name="Named">The files that the project names, folders file by file.</param>
/// <param name="Others">What the compiler read beside them, such as external data.</param>
/// <param name="Outputs">What was written; the manifest apart, which is made anew each time.</param>
/// <param name="Facts">What the compiler told of the model.</param>
internal sealed record ModelState(
    string Tool, string Key, IReadOnlyList<string> Arguments, IReadOnlyList<InputFile> Named, IReadOnlyList<InputFile> Others,
        IReadOnlyList<InputFile> Outputs, JsonValue Facts)
{
    private const long Version = 1;

    /// <summary>What the project says of an item, in a form that is compared.</summary>
    public static IReadOnlyList<string> ArgumentsOf(ModelItem item) =>
        [item.FilePath, .. item.Arguments.Select(argument => $"{argument.Option} {argument.Value}"), .. item.HasLayers
            ? ["--report"]
            : (string[])[]];

    /// <summary>
    /// The key of an item: compiler, arguments without folders, and content of all files that the project names. Equal keys have equal
    /// programs, as long as what the compiler reads beside these files is equal too.
    /// </summary>
    public static string KeyOf(ModelItem item, string tool, IReadOnlyList<InputFile> named)
    {
        JsonWriter json = new JsonWriter().BeginArray().Value(tool).Value(item.FileName).Value(item.HasLayers);
        foreach (Argument argument in item.Arguments)
            json.Value(argument.Option).Value(argument.IsPath ? Path.GetFileName(argument.Value) : argument.Value);
        foreach (InputFile file in named)
            json.Value(Path.GetFileName(file.FullPath)).Value(file.Hash);
        return Sha256.OfText(json.EndArray().ToString());
    }

    /// <summary>The files that an item names, as they are now.</summary>
    /// <param name="item">The item.</param>
    /// <param name="earlier">A state whose hashes hold where size and time do, or null.</param>
    /// <exception cref="FileNotFoundException">One of them is gone.</exception>
    public static IReadOnlyList<InputFile> NamedOf(ModelItem item, ModelState? earlier)
    {
        Dictionary<string, InputFile> known = [];
        foreach (InputFile file in earlier?.Named ?? [])
            known[file.FullPath] = file;
        return [.. item.Named.SelectMany(InputFile.Files)
            .Select(path => InputFile.Of(path, known.TryGetValue(path, out InputFile file) ? file : null)
            ?? throw new FileNotFoundException($"'{path}' is gone"))];
    }

    /// <summary>Whether the outputs are those that the compiler would make now; reads contents only where size or time differ.</summary>
    /// <returns>The state with sizes and times of now, or null.</returns>
    public ModelState? Current(ModelItem item, string tool)
    {
        if (tool != Tool || !ArgumentsOf(item).SequenceEqual(Arguments))
            return null;
        IReadOnlyList<InputFile> named = NamedOf(item, this);
        InputFile?[] others = [.. Others.Select(file => InputFile.Of(file.FullPath, file))],
            outputs = [.. Outputs.Select(file => InputFile.Of(file.FullPath, file))];
        return Same(named, Named) && Same(others, Others) && Same(outputs, Outputs)
            ? this with { Named = named, Others = [.. others.Select(file => file!)], Outputs = [.. outputs.Select(file => file!)] }
            : null;
    }

    /// <summary>The same, without reading or writing anything but sizes and times.</summary>
    public bool IsUntouched(ModelItem item, string tool) =>
        tool == Tool && ArgumentsOf(item).SequenceEqual(Arguments)
            && item.Named.SelectMany(InputFile.Files).SequenceEqual(Named.Select(file => file.FullPath))
        && Named.Concat(Others).Concat(Outputs).All(file => file.IsUntouched());

    /// <summary>Reads a state file; null if there is none, or it is not one of ours.</summary>
    public static ModelState? Read(string path)
    {
        try
        {
            if (WholeFile.ReadOrNull(path) is not { } text)
                return null;
            JsonValue json = JsonReader.Read(text);
            return json.Find("state")?.AsInt64() == Version && json.Find("tool")?.AsString() is { } tool
                && json.Find("key")?.AsString() is { } key
                && json.Find("arguments") is { } arguments && Files(json, "named") is { } named && Files(json, "others") is { } others
                    && Files(json, "outputs") is { } outputs
                && json.Find("facts") is { Kind: JsonKind.Object } facts
                ? new ModelState(tool, key, [.. arguments.Items.Select(item => item.Text)], named, others, outputs, facts)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the state file, unless it already says this.</summary>
    public void Write(string path)
    {
        JsonWriter json = new JsonWriter().BeginObject().Name("state").Value(Version).Name("tool").Value(Tool).Name("key").Value(Key)
            .Name("arguments").BeginArray();
        foreach (string argument in Arguments)
            json.Value(argument);
        json.EndArray();
        Write(json, "named", Named);
        Write(json, "others", Others);
        Write(json, "outputs", Outputs);
        WholeFile.Write(path, json.Name("facts").Value(Facts).EndObject().ToString());
    }

    private static bool Same(IReadOnlyList<InputFile?> now, IReadOnlyList<InputFile> then) =>
        now.Select(file => (file?.FullPath, file?.Hash)).SequenceEqual(then.Select(file => ((string?)file.FullPath, (string?)file.Hash)));

    private static IReadOnlyList<InputFile>? Files(JsonValue json, string name)
    {
        InputFile?[]? files = json.Find(name)?.Items.Select(InputFile.Read).ToArray();
        return files is null || files.Contains(null) ? null : [.. files.Select(file => file!)];
    }

    private static void Write(JsonWriter json, string name, IReadOnlyList<InputFile> files)
    {
        json.Name(name).BeginArray();
        foreach (InputFile file in files)
            file.Write(json);
        json.EndArray();
    }
}
