using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>One compiled model in the store.</summary>
/// <param name="Folder">Where its files are.</param>
/// <param name="Facts">What the compiler told of it.</param>
/// <param name="Others">Files that it was made of beside those that the project names.</param>
/// <param name="Files">Names and SHA-256 of its files.</param>
internal sealed record StoreEntry(string Folder, JsonValue Facts, IReadOnlyList<InputFile> Others,
    IReadOnlyDictionary<string, string> Files);

/// <summary>
/// Compiled models of a project, by content, so that each is compiled once for all its frameworks and configurations.
/// <code>
/// entries/KEY/   model.ebsp, layers.csv, entry.json: one compiled model
/// refs/ID.json   the keys that one folder of outputs wants; entries that no such file names are deleted
/// locks/         one lock for the store, one an entry, one a folder of outputs
/// temp/ID/       where the compiler writes; what no living build holds is deleted
/// </code>
/// </summary>
internal sealed class ModelStore(string root, CancellationToken cancellation = default)
{
    /// <summary>The program.</summary>
    public const string ModelFile = "model.ebsp";

    /// <summary>The table of layers.</summary>
    public const string LayersFile = "layers.csv";

    /// <summary>What an entry is: written last, read first.</summary>
    public const string EntryFile = "entry.json";

    private const long Version = 2;
    private const int ForgetAttempts = 20;
    private const int ForgetWaitMilliseconds = 20;

    private string Entries => Path.Combine(root, "entries");

    private string References => Path.Combine(root, "refs");

    private string Locks => Path.Combine(root, "locks");

    private string Temporaries => Path.Combine(root, "temp");

    /// <summary>Why the store cannot be used, or null.</summary>
    public string? WhyNotUsable()
    {
        try
        {
            if (File.Exists(root))
                return "it is a file";
            Directory.CreateDirectory(Locks);
            using FileLock _ = LockStore();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message.TrimEnd('.');
        }
    }

    /// <summary>Holds a folder of outputs: one build at a time writes there.</summary>
    public FileLock LockFolder(string outputs) => FileLock.Take(Path.Combine(Locks, IdOf(outputs) + ".lock"), cancellation);

    /// <summary>Holds entries; always in one order, so that no two builds wait for each other.</summary>
    public IDisposable LockEntries(IEnumerable<string> keys)
    {
        LockSet locks = new();
        try
        {
            foreach (string key in keys.Distinct().OrderBy(key => key, StringComparer.Ordinal))
                locks.Add(FileLock.Take(Path.Combine(Locks, key + ".lock"), cancellation));
            return locks;
        }
        catch
        {
            locks.Dispose();
            throw;
        }
    }

    /// <summary>Says which entries a folder of outputs wants, and deletes those that no folder wants any more. To be said before they are
    /// made.</summary>
    public void Want(string outputs, IEnumerable<string> keys)
    {
        JsonWriter json = new JsonWriter().BeginObject().Name("folder").Value(RelativePath.Of(root, outputs)).Name("keys").BeginArray();
        foreach (string key in keys.Distinct().OrderBy(key => key, StringComparer.Ordinal))
            json.Value(key);
        string path = Path.Combine(References, IdOf(outputs) + ".json"), text = json.EndArray().EndObject().ToString();
        if (WholeFile.ReadOrNull(path) == text)
            return;
        using FileLock _ = LockStore();
        Directory.CreateDirectory(References);
        WholeFile.Write(path, text);
        Prune();
    }

    /// <summary>Forgets a folder of outputs; a store that nobody wants anything of is deleted.</summary>
    public void Forget(string outputs)
    {
        // Several frameworks of a project may be cleaned at the same time, and each may find itself the last.
        for (int attempt = 0; Directory.Exists(root) && !TryForget(outputs) && attempt < ForgetAttempts; attempt++)
            cancellation.WaitHandle.WaitOne(ForgetWaitMilliseconds);
    }

    private bool TryForget(string outputs)
    {
        try
        {
            bool last;
            using (LockStore())
            {
                string wanted = Path.Combine(References, IdOf(outputs) + ".json");
                if (File.Exists(wanted))
                    File.Delete(wanted);
                Prune();
                SweepHeld();
                File.Delete(Path.Combine(Locks, IdOf(outputs) + ".lock"));
                last = !Directory.Exists(References);
            }

            if (last)
                Directory.Delete(root, recursive: true);
            return true;
        }
        catch (IOException) when (!Directory.Exists(References))
        {
            return false;
        }
    }

    /// <summary>A new folder for what is being made; it goes with the build that asked for it, or with the next one.</summary>
    public ScratchFolder NewTemporary()
    {
        using FileLock _ = LockStore();
        Directory.CreateDirectory(Temporaries);
        string folder = Path.Combine(Temporaries, Guid.NewGuid().ToString("N"));
        FileLock held = FileLock.Take(folder + ".lock", cancellation);
        Directory.CreateDirectory(folder);
        return new ScratchFolder(folder, held);
    }

    /// <summary>Deletes what builds that were killed have left.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(Temporaries))
            return;
        using FileLock _ = LockStore();
        SweepHeld();
    }

    /// <summary>The entry of a key that is whole and holds for an item, or null.</summary>
    public StoreEntry? Find(string key, ModelItem item) => ReadEntry(Path.Combine(Entries, key), key, item);

    /// <summary>Makes an entry of what the compiler wrote; its lock is held.</summary>
    /// <param name="key">The key.</param>
    /// <param name="item">The item.</param>
    /// <param name="made">Folder with the compiler's files; it becomes the entry.</param>
    /// <param name="facts">What the compiler told.</param>
    /// <param name="others">Full paths and SHA-256 of what it read beside what the project names.</param>
    public StoreEntry Add(string key, ModelItem item, string made, JsonValue facts, IEnumerable<KeyValuePair<string, string>> others)
    {
        JsonWriter json = new JsonWriter().BeginObject().Name("entry").Value(Version).Name("key").Value(key).Name("facts").Value(facts)
            .Name("others").BeginObject();
        string folder = Path.GetDirectoryName(item.FilePath)!;
        foreach (KeyValuePair<string, string> other in others)
            json.Name(RelativePath.Of(folder, other.Key)).Value(other.Value);
        json.EndObject().Name("files").BeginObject();
        foreach (string file in Directory.GetFiles(made).OrderBy(file => file, StringComparer.Ordinal))
            json.Name(Path.GetFileName(file)).Value(Sha256.OfFile(file));
        WholeFile.Write(Path.Combine(made, EntryFile), json.EndObject().EndObject().ToString());

        return Place(key, item, made) ?? throw new IOException($"the entry '{key}' of the store is gone");
    }

    /// <summary>Makes an entry of a copy of another store's; its lock is held.</summary>
    /// <returns>Null where the copy is not what it says.</returns>
    public StoreEntry? AddCopy(string key, ModelItem item, StoreEntry entry)
    {
        using ScratchFolder temporary = NewTemporary();
        string copy = Path.Combine(temporary.FullPath, "entry");
        Directory.CreateDirectory(copy);
        foreach (string file in entry.Files.Keys.Append(EntryFile))
            File.Copy(Path.Combine(entry.Folder, file), Path.Combine(copy, file));
        return Place(key, item, copy);
    }

    private StoreEntry? Place(string key, ModelItem item, string made)
    {
        string entry = Path.Combine(Entries, key);
        Directory.CreateDirectory(Entries);
        if (Directory.Exists(entry))
            Directory.Delete(entry, recursive: true);
        Directory.Move(made, entry);
        return ReadEntry(entry, key, item);
    }

    /// <summary>The entry in a folder, if it is whole, of this key, and holds for an item; others are seen from the model, so that it holds
    /// wherever the project lies.</summary>
    public static StoreEntry? ReadEntry(string entry, string key, ModelItem item)
    {
        try
        {
            if (WholeFile.ReadOrNull(Path.Combine(entry, EntryFile)) is not { } text)
                return null;
            JsonValue json = JsonReader.Read(text);
            // An entry under another key's name is another model's.
            if (json.Find("entry")?.AsInt64() != Version || json.Find("key")?.AsString() != key
                || json.Find("facts") is not { Kind: JsonKind.Object } facts)
                return null;
            Dictionary<string, string> files = [];
            foreach (KeyValuePair<string, JsonValue> file in json.Find("files")?.Members ?? [])
                files[Path.GetFileName(file.Key)] = file.Value.Text;
            List<InputFile> others = [];
            foreach (KeyValuePair<string, JsonValue> other in json.Find("others")?.Members ?? [])
            {
                string path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(item.FilePath)!, other.Key));
                if (InputFile.Of(path, null) is not { } file || file.Hash != other.Value.Text)
                    return null;
                others.Add(file);
            }

            bool whole = files.ContainsKey(ModelFile)
                && files.All(file => InputFile.Of(Path.Combine(entry, file.Key), null)?.Hash == file.Value);
            return whole ? new StoreEntry(entry, facts, others, files) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Under the store's lock.
    private void Prune()
    {
        HashSet<string> wanted = new(StringComparer.Ordinal);
        bool live = false;
        foreach (string file in Files(References))
        {
            if (Wanted(file) is { } keys)
            {
                live = true;
                wanted.UnionWith(keys);
            }
            else
            {
                File.Delete(file);
            }
        }

        if (!live && Directory.Exists(References))
            Directory.Delete(References, recursive: true);
        foreach (string entry in Directory.Exists(Entries) ? Directory.GetDirectories(Entries) : [])
        {
            string key = Path.GetFileName(entry);
            if (wanted.Contains(key))
                continue;
            Directory.Delete(entry, recursive: true);
            File.Delete(Path.Combine(Locks, key + ".lock"));
        }
    }

    // The keys of a file of references; null if its folder of outputs is gone, or it is not one of ours.
    private List<string>? Wanted(string file)
    {
        try
        {
            JsonValue json = JsonReader.Read(WholeFile.ReadOrNull(file) ?? "");
            return json.Find("folder")?.AsString() is { } folder && Directory.Exists(Path.Combine(root, folder))
                ? [.. json.Find("keys")?.Items.Select(key => key.Text) ?? []]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Under the store's lock: nobody makes a temporary folder meanwhile.
    private void SweepHeld()
    {
        foreach (string folder in Directory.Exists(Temporaries) ? Directory.GetDirectories(Temporaries) : [])
            Free(folder);
        foreach (string file in Files(Temporaries))
            Free(file.Substring(0, file.Length - ".lock".Length));
        if (Directory.Exists(Temporaries) && !Directory.EnumerateFileSystemEntries(Temporaries).Any())
            Directory.Delete(Temporaries);
    }

    private static void Free(string folder)
    {
        using FileLock? held = FileLock.TryTake(folder + ".lock");
        if (held is not null)
            ScratchFolder.Delete(folder);
    }

    private static string[] Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    private FileLock LockStore() => FileLock.Take(Path.Combine(Locks, "store.lock"), cancellation);

    // The store may be moved with its project: everything is seen from it.
    private string IdOf(string outputs) => Sha256.OfText(RelativePath.Of(root, outputs).Replace('\\', '/')).Substring(0, 16);

    private sealed class LockSet : List<FileLock>, IDisposable
    {
        public void Dispose() => ForEach(taken => taken.Dispose());
    }
}

/// <summary>A folder of one build, held by a lock beside it.</summary>
internal sealed class ScratchFolder(string path, FileLock held) : IDisposable
{
    /// <summary>Its place.</summary>
    public string FullPath => path;

    /// <inheritdoc/>
    public void Dispose()
    {
        Delete(path);
        held.Dispose();
    }

    /// <summary>Deletes a folder and its lock.</summary>
    public static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        File.Delete(path + ".lock");
    }
}
