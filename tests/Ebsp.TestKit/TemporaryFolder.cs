namespace Ebsp.TestKit;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder, which exists.</summary>
    public string FullName { get; } = Directory.CreateTempSubdirectory("ebsp-").FullName;

    /// <summary>Path of a file in the folder.</summary>
    public string File(string name) => Path.Combine(FullName, name);

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    /// <summary>Deletes the folder.</summary>
    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
