namespace Ebsp.Build.Tasks;

/// <summary>
/// Compiled models of all projects of a user, so that a clean clone, another branch or an earlier option finds what was compiled before.
/// <code>
/// entries/KEY/   as in the store of a project; the time of its entry.json is that of its last use
/// temp/          what is being copied in or deleted
/// </code>
/// Entries are read without a lock: they appear and go by one rename, and what was read is checked by its hashes.
/// </summary>
/// <param name="root">Full path of its folder.</param>
/// <param name="limitBytes">Size above which what was not used for the longest time is deleted.</param>
/// <param name="cancellation">Ends the wait for another build that deletes.</param>
internal sealed class UserStore(string root, long limitBytes, CancellationToken cancellation = default)
{
    /// <summary>The value of EbspStore that switches it off.</summary>
    public const string Off = "off";

    /// <summary>Its size where nothing else is said, MB of a million bytes.</summary>
    public const int DefaultLimitMegabytes = 2000;

    // What a killed process has left is deleted after it.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private string Entries => Path.Combine(root, "entries");

    private string Temporaries => Path.Combine(root, "temp");

    /// <summary>Its folder where nothing else is said: <c>ebsp</c> in the folder for caches of the system, or null if the user has
    /// none.</summary>
    public static string? DefaultFolder()
    {
        string? caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg) ? xdg : null;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (caches is null && Path.DirectorySeparatorChar == '\\')
            caches = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        else if (caches is null && home.Length > 0)
            caches = Path.Combine(home, Directory.Exists(Path.Combine(home, "Library", "Caches")) ? "Library/Caches" : ".cache");
        return string.IsNullOrEmpty(caches) ? null : Path.Combine(caches, "ebsp");
    }

    /// <summary>The entry of a key that is whole and holds for an item, or null; it counts as used now.</summary>
    public StoreEntry? Find(string key, ModelItem item)
    {
        string folder = Path.Combine(Entries, key);
        if (ModelStore.ReadEntry(folder, key, item) is not { } entry)
            return null;
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(folder, ModelStore.EntryFile), DateTime.UtcNow);
            return entry;
        }
        catch (IOException)
        {
            // Another build has deleted it.
            return null;
        }
    }

    /// <summary>Adds a copy of an entry, unless it is there, and deletes what is too much.</summary>
    public void Add(string key, string folder)
    {
        string place = Path.Combine(Entries, key);
        if (Directory.Exists(place))
            return;
        string copy = NewTemporary();
        Directory.CreateDirectory(copy);
        try
        {
            foreach (string file in Directory.GetFiles(folder))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            File.SetLastWriteTimeUtc(Path.Combine(copy, ModelStore.EntryFile), DateTime.UtcNow);
            Directory.CreateDirectory(Entries);
            Directory.Move(copy, place);
        }
        catch (IOException) when (Directory.Exists(place))
        {
            // Another build was first.
        }
        finally
        {
            Delete(copy);
        }

        Trim();
    }

    private string NewTemporary()
    {
        Directory.CreateDirectory(Temporaries);
        return Path.Combine(Temporaries, Guid.NewGuid().ToString("N"));
    }

    // By one process at a time: whoever adds last sees all.
    private void Trim()
    {
        using FileLock held = FileLock.Take(Path.Combine(root, "trim.lock"), cancellation);
        foreach (string left in Directory.GetDirectories(Temporaries).Where(left =>
            DateTime.UtcNow - Directory.GetLastWriteTimeUtc(left) > Abandoned))
            Delete(left);
        (string Folder, DateTime Used, long Bytes)[] entries =
        [
            .. Directory.GetDirectories(Entries).Select(folder => (folder, File.GetLastWriteTimeUtc(Path.Combine(folder,
                ModelStore.EntryFile)), Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length))).OrderBy(entry => entry.Item2),
        ];
        long bytes = entries.Sum(entry => entry.Bytes);
        foreach ((string folder, DateTime _, long size) in entries)
        {
            if (bytes <= limitBytes)
                return;
            // Gone at once for those who look for it.
            string going = NewTemporary();
            Directory.Move(folder, going);
            Delete(going);
            bytes -= size;
        }
    }

    // Somebody else may have done so.
    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
    }
}
