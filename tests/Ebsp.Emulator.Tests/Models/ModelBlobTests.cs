using System.Reflection;
using System.Resources;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Ebsp.Emulator.Models;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Programs;

namespace Ebsp.Emulator.Tests.Models;

[TestClass]
public sealed class ModelBlobTests
{
    private static readonly byte[] Sample = SampleProgram.File();

    [TestMethod]
    public unsafe void Run_BlobAtAnyAddress_GivesTheSameAnswers()
    {
        foreach (byte[] file in (byte[][])[Sample, ProgramWriter.Write(ModelPrograms.Linear(4))])
        {
            EbspProgram program = ProgramReader.Open(file);
            byte[] pixels = ModelRuns.Pixels(program, 5, seed: 1);
            float[] expected = ModelRuns.Direct(program, null, pixels).Scores;
            byte* place = (byte*)NativeMemory.AlignedAlloc((nuint)file.Length + 64, 64);
            try
            {
                for (int offset = 0; offset < 64; offset++)
                {
                    file.CopyTo(new Span<byte>(place + offset, file.Length));
                    ModelBlob blob = TestModel.Blob(new UnmanagedBytes(place + offset, file.Length, file).Memory);
                    foreach (MachineOptions options in Runs.FastOptions.Append(Runs.Literal))
                        CollectionAssert.AreEqual(expected, new TestModel(blob, options).Run(pixels),
                            $"{options.Engine} {options.Tier} at 64 n + {offset}");
                }
            }
            finally
            {
                NativeMemory.AlignedFree(place);
            }
        }
    }

    [TestMethod]
    public void OfResource_EmbeddedProgram_IsReadInPlaceAndOutlivesItsContext()
    {
        using TemporaryFolder folder = new();
        ResourceAssembly.Write(folder.File("baked.dll"), "Baked", "ebsp.sample", Sample);
        TestModel model = Load(folder.File("baked.dll"));
        // Nobody but the model refers to the assembly any more, whose context is being unloaded.
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        byte[] pixels = ModelRuns.Pixels(SampleProgram.Program, 3, seed: 1);
        CollectionAssert.AreEqual(ModelRuns.Direct(SampleProgram.Program, null, pixels).Scores, model.Run(pixels));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static TestModel Load(string path)
        {
            AssemblyLoadContext context = new("baked", isCollectible: true);
            Assembly assembly = context.LoadFromAssemblyPath(path);
            string digest = ProgramReader.DigestOf(Sample);
            _ = ModelBlob.OfResource(assembly, "ebsp.sample", digest);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ModelBlob blob = ModelBlob.OfResource(assembly, "ebsp.sample", digest);
            Assert.IsLessThan(Sample.Length / 4, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.IsFalse(MemoryMarshal.TryGetArray(blob.Memory, out _));
            Assert.AreEqual(Sample.Length, blob.Memory.Length);
            context.Unload();
            return new TestModel(blob);
        }
    }

    [TestMethod]
    public void OfResource_StreamThatIsNoMemory_IsCopied()
    {
        TestModel model = new(ModelBlob.OfResource(new BuiltAssembly(Sample), "any", ProgramReader.DigestOf(Sample)));
        byte[] pixels = ModelRuns.Pixels(SampleProgram.Program, 3, seed: 1);
        CollectionAssert.AreEqual(ModelRuns.Direct(SampleProgram.Program, null, pixels).Scores, model.Run(pixels));
    }

    [TestMethod]
    public void OfResource_AbsentResource_NamesItAndTheAssembly()
    {
        MissingManifestResourceException missing =
            Assert.ThrowsExactly<MissingManifestResourceException>(() =>
            ModelBlob.OfResource(typeof(ModelBlobTests).Assembly, "ebsp.0123.ebsp", new string('0', 64)));
        Assert.Contains("Ebsp.Emulator.Tests", missing.Message);
        Assert.Contains("'ebsp.0123.ebsp'", missing.Message);
    }

    [TestMethod]
    public void OfFile_AnyWorkingDirectory_IsFoundBesideTheApplication()
    {
        using BesideApplication file = new(Sample);
        using TemporaryFolder elsewhere = new();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = elsewhere.FullName;
        try
        {
            TestModel model = new(ModelBlob.OfFile(file.RelativePath, ProgramReader.DigestOf(Sample).ToUpperInvariant()));
            byte[] pixels = ModelRuns.Pixels(SampleProgram.Program, 3, seed: 1);
            CollectionAssert.AreEqual(ModelRuns.Direct(SampleProgram.Program, null, pixels).Scores, model.Run(pixels));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [TestMethod]
    public void OfFile_ModelInUse_RefusesToBeCopiedOverAndOutlivesItsName()
    {
        using BesideApplication file = new(Sample), other = new(new byte[3]);
        TestModel model = new(ModelBlob.OfFile(file.RelativePath, ProgramReader.DigestOf(Sample)));
        // As a build copies the next version there.
        Assert.ThrowsExactly<IOException>(() => File.Copy(other.FullPath, file.FullPath, overwrite: true));
        if (OperatingSystem.IsLinux())
            File.Delete(file.FullPath);
        byte[] pixels = ModelRuns.Pixels(SampleProgram.Program, 3, seed: 1);
        CollectionAssert.AreEqual(ModelRuns.Direct(SampleProgram.Program, null, pixels).Scores, model.Run(pixels));
        GC.KeepAlive(model);
    }

    [TestMethod]
    public void OfFile_ModelThatNobodyRefersTo_IsUnmapped()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Reads /proc/self/maps.");
        using BesideApplication file = new(Sample);
        UseOnce(file);
        for (int i = 0; i < 10 && IsMapped(file); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.IsFalse(IsMapped(file));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void UseOnce(BesideApplication file)
        {
            TestModel model = new(ModelBlob.OfFile(file.RelativePath, ProgramReader.DigestOf(Sample)));
            model.Run(ModelRuns.Pixels(SampleProgram.Program, 1, seed: 1));
            Assert.IsTrue(IsMapped(file));
            GC.KeepAlive(model);
        }

        static bool IsMapped(BesideApplication file) => File.ReadAllText("/proc/self/maps")
            .Contains(file.RelativePath, StringComparison.Ordinal);
    }

    [TestMethod]
    public void OfFile_AbsentFile_NamesItsFullPathAndTheLoadStrategy()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "nowhere", "net.ebsp");
        FileNotFoundException absent =
            Assert.ThrowsExactly<FileNotFoundException>(() => ModelBlob.OfFile("nowhere/net.ebsp", new string('0', 64)));
        Assert.AreEqual(path, absent.FileName);
        Assert.Contains(path, absent.Message);
        Assert.Contains("LoadStrategy=File", absent.Message);
    }

    [TestMethod]
    public void OfFile_OtherDigest_NamesTheFileAndTheOtherBuild()
    {
        using BesideApplication file = new(Sample);
        EbspFormatException other =
            Assert.ThrowsExactly<EbspFormatException>(() => ModelBlob.OfFile(file.RelativePath, new string('0', 64)));
        Assert.AreEqual(ProgramRule.Digest, other.Rule);
        Assert.Contains($"EBSP4002: {file.FullPath}: it belongs to another build of the application: its digest is " +
            $"{ProgramReader.DigestOf(Sample)}, not {new string('0', 64)}", other.Message);
    }

    [TestMethod]
    [DataRow(0, ProgramRule.Container)]
    [DataRow(40, ProgramRule.Container)]
    [DataRow(SampleProgram.FileBytes - 1, ProgramRule.Container)]
    [DataRow(SampleProgram.FileBytes + 1, ProgramRule.Container)]
    public void OfFile_OtherLength_NamesTheFile(int length, ProgramRule rule)
    {
        byte[] bytes = new byte[length];
        Sample.AsSpan(0, Math.Min(length, Sample.Length)).CopyTo(bytes);
        using BesideApplication file = new(bytes);
        EbspFormatException broken =
            Assert.ThrowsExactly<EbspFormatException>(() => ModelBlob.OfFile(file.RelativePath, ProgramReader.DigestOf(Sample)));
        Assert.AreEqual(rule, broken.Rule);
        Assert.Contains(file.FullPath, broken.Message);
    }

    [TestMethod]
    public void Constructor_DamagedWeights_NamesTheFile()
    {
        byte[] damaged = [.. Sample];
        damaged[Sample.Length / 2] ^= 1;
        using BesideApplication file = new(damaged);
        ModelBlob blob = ModelBlob.OfFile(file.RelativePath, ProgramReader.DigestOf(Sample));
        EbspFormatException broken = Assert.ThrowsExactly<EbspFormatException>(() => new TestModel(blob));
        Assert.AreEqual(ProgramRule.Digest, broken.Rule);
        Assert.Contains($"{file.FullPath}: section weights at byte ", broken.Message);
    }

    // A file below the application's folder, gone afterwards.
    private sealed class BesideApplication : IDisposable
    {
        public BesideApplication(byte[] content)
        {
            RelativePath = $"model-{Guid.NewGuid():N}/net.ebsp";
            Directory.CreateDirectory(Path.GetDirectoryName(FullPath)!);
            File.WriteAllBytes(FullPath, content);
        }

        public string RelativePath { get; }

        public string FullPath => Path.Combine(AppContext.BaseDirectory, RelativePath);

        public void Dispose() => Directory.Delete(Path.GetDirectoryName(FullPath)!, recursive: true);
    }

    private sealed class BuiltAssembly(byte[] resource) : Assembly
    {
        public override AssemblyName GetName() => new("Built");

        public override Stream GetManifestResourceStream(string name) => new MemoryStream(resource);
    }
}
