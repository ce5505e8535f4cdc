using Ebsp.Json;
using Ebsp.TestKit;

namespace Ebsp.Build.Tasks.Tests;

/// <summary>The store, with several builds at once and with builds that end early.</summary>
[TestClass]
public sealed class ModelStoreTests
{
    private static readonly JsonValue Facts = JsonReader.Read("{}");

    [TestMethod]
    public void Prune_WithReferencesOfLivingFolders_KeepsTheirEntries()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.File("store"));
        string a = Create(folder, "a"), b = Create(folder, "b");
        ModelItem item = Item(folder);
        store.Want(a, ["k1", "k2"]);
        store.Want(b, ["k2", "k3"]);
        foreach (string key in new[] { "k1", "k2", "k3" })
            Put(store, key, item);
        store.Want(a, ["k2"]);
        Assert.IsNull(store.Find("k1", item));
        Assert.IsNotNull(store.Find("k2", item));
        Directory.Delete(b);
        store.Want(a, ["k2", "k4"]);
        Assert.IsNull(store.Find("k3", item));
        Assert.IsNotNull(store.Find("k2", item));
        store.Forget(a);
        Assert.IsFalse(Directory.Exists(folder.File("store")));
    }

    [TestMethod]
    public void Find_OfADamagedEntry_IsNone()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.File("store"));
        ModelItem item = Item(folder);
        store.Want(Create(folder, "a"), ["k"]);
        string entry = Put(store, "k", item).Folder;
        File.WriteAllText(Path.Combine(entry, "model.ebsp"), "changed");
        Assert.IsNull(store.Find("k", item));
        Put(store, "k", item);
        Assert.IsNotNull(store.Find("k", item));
        string description = Path.Combine(entry, "entry.json"), text = File.ReadAllText(description);
        for (int length = 0; length < text.Length; length += 7)
        {
            File.WriteAllText(description, text[..length]);
            Assert.IsNull(store.Find("k", item));
        }
    }

    [TestMethod]
    public void Find_OfAnotherModelsEntryUnderThisKey_IsNone()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.File("store"));
        ModelItem item = Item(folder);
        store.Want(Create(folder, "a"), ["k1", "k2"]);
        string first = Put(store, "k1", item).Folder, second = Put(store, "k2", item).Folder;
        Directory.Delete(second, recursive: true);
        Directory.CreateDirectory(second);
        foreach (string file in Directory.GetFiles(first))
            File.Copy(file, Path.Combine(second, Path.GetFileName(file)));
        Assert.IsNotNull(store.Find("k1", item));
        Assert.IsNull(store.Find("k2", item));
    }

    [TestMethod]
    public void UserStore_AboveItsLimit_DeletesWhatWasNotUsed()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.File("store"));
        ModelItem item = Item(folder);
        string[] keys = ["k1", "k2", "k3", "k4"];
        store.Want(Create(folder, "a"), keys);
        foreach (string key in keys)
            Put(store, key, item);
        long bytes = Directory.GetFiles(store.Find("k1", item)!.Folder).Sum(file => new FileInfo(file).Length);
        UserStore shared = new(folder.File("user"), 3 * bytes);
        for (int i = 0; i < 3; i++)
        {
            shared.Add(keys[i], store.Find(keys[i], item)!.Folder);
            File.SetLastWriteTimeUtc(folder.File($"user/entries/{keys[i]}/entry.json"), DateTime.UtcNow.AddHours(i - 10));
        }

        Assert.IsNotNull(shared.Find("k1", item), "used now");
        shared.Add("k4", store.Find("k4", item)!.Folder);
        Assert.IsNull(shared.Find("k2", item));
        Assert.IsTrue(keys.Where(key => key != "k2").All(key => shared.Find(key, item) is not null));
        Assert.IsEmpty(Directory.GetDirectories(folder.File("user/temp")));
    }

    [TestMethod]
    public void UserStore_WithManyBuildsAtOnce_NeverGivesHalfAnEntry()
    {
        using TemporaryFolder folder = new();
        ModelItem item = Item(folder);
        string[] keys = [.. Enumerable.Range(0, 6).Select(i => $"key{i}")];
        ModelStore made = new(folder.File("store"));
        made.Want(Create(folder, "a"), keys);
        foreach (string key in keys)
            Directory.CreateSymbolicLink(Path.Combine(Create(folder, "made"), key), Put(made, key, item).Folder);
        long bytes = Directory.GetFiles(folder.File("made/key0")).Sum(file => new FileInfo(file).Length);
        int half = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            ModelStore store = new(folder.File($"store{i}"));
            store.Want(Create(folder, $"out{i}"), keys);
            UserStore shared = new(folder.File("user"), 3 * bytes);
            for (int round = 0; round < 20; round++)
            {
                string key = keys[(i + round) % keys.Length];
                try
                {
                    if (shared.Find(key, item) is { } entry && store.AddCopy(key, item, entry) is null)
                        Interlocked.Increment(ref half);
                }
                catch (IOException)
                {
                    // Another build has deleted it meanwhile.
                }

                shared.Add(key, folder.File($"made/{key}"));
            }
        });
        Assert.AreEqual(0, half);
        long kept = Directory.GetDirectories(folder.File("user/entries")).Sum(entry => Directory.GetFiles(entry)
            .Sum(file => new FileInfo(file).Length));
        Assert.IsLessThanOrEqualTo(3 * bytes, kept);
        Assert.AreEqual(0, Directory.GetDirectories(folder.File("user/temp")).Length);
    }

    [TestMethod]
    public void Store_WithManyBuildsAtOnce_MakesEachEntryOnce()
    {
        using TemporaryFolder folder = new();
        ModelItem item = Item(folder);
        string[] keys = [.. Enumerable.Range(0, 6).Select(i => $"key{i}")];
        int made = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            ModelStore store = new(folder.File("store"));
            string outputs = Create(folder, $"out{i}");
            // Each wants the keys in another order.
            string[] wanted = [.. keys.Skip(i % keys.Length).Concat(keys.Take(i % keys.Length))];
            store.Want(outputs, wanted);
            using (store.LockEntries(wanted))
            {
                foreach (string key in wanted.Where(key => store.Find(key, item) is null))
                {
                    Interlocked.Increment(ref made);
                    Put(store, key, item);
                }
            }

            store.Sweep();
            Assert.IsTrue(wanted.All(key => store.Find(key, item) is not null));
        });
        Assert.AreEqual(keys.Length, made);
    }

    [TestMethod]
    public void Sweep_WhileAnotherBuildHoldsAFolder_LeavesIt()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.File("store"));
        using (ScratchFolder held = store.NewTemporary())
        {
            File.WriteAllText(Path.Combine(held.FullPath, "x"), "x");
            Directory.CreateDirectory(folder.File("store/temp/dead"));
            store.Sweep();
            Assert.IsTrue(File.Exists(Path.Combine(held.FullPath, "x")));
            Assert.IsFalse(Directory.Exists(folder.File("store/temp/dead")));
        }

        store.Sweep();
        Assert.IsFalse(Directory.Exists(folder.File("store/temp")));
    }

    [TestMethod]
    public void FileLock_HeldByAnother_IsWaitedForUntilCanceled()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource cancellation = new(TimeSpan.FromMilliseconds(200));
        using FileLock held = FileLock.Take(folder.File("a.lock"), default);
        Assert.IsNull(FileLock.TryTake(folder.File("a.lock")));
        Assert.ThrowsExactly<OperationCanceledException>(() => FileLock.Take(folder.File("a.lock"), cancellation.Token));
    }

    [TestMethod]
    public void WholeFile_WithEqualContent_IsNotTouched()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a"), source = folder.File("b");
        WholeFile.Write(path, "ä\n");
        CollectionAssert.AreEqual(new byte[] { 0xC3, 0xA4, 0x0A }, File.ReadAllBytes(path));
        DateTime old = new(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, old);
        WholeFile.Write(path, "ä\n");
        File.WriteAllText(source, "ä\n");
        WholeFile.Copy(source, path, Sha256.OfFile(source));
        Assert.AreEqual(old, File.GetLastWriteTimeUtc(path));
        WholeFile.Write(path, "b");
        Assert.AreEqual("b", File.ReadAllText(path));
        Assert.HasCount(2, Directory.GetFiles(folder.FullName));
    }

    private static StoreEntry Put(ModelStore store, string key, ModelItem item)
    {
        using ScratchFolder temporary = store.NewTemporary();
        string made = Path.Combine(temporary.FullPath, "0");
        Directory.CreateDirectory(made);
        File.WriteAllText(Path.Combine(made, ModelStore.ModelFile), key);
        return store.Add(key, item, made, Facts, []);
    }

    private static string Create(TemporaryFolder folder, string name)
    {
        Directory.CreateDirectory(folder.File(name));
        return folder.File(name);
    }

    private static ModelItem Item(TemporaryFolder folder) =>
        ModelItem.Read(new ProjectFacts(folder.FullName, "App", "App"), "a.pb", folder.File("a.pb"), _ => "", (_, _) => { });
}
