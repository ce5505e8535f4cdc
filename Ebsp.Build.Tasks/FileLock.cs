using System.Runtime.InteropServices;

namespace Ebsp.Build.Tasks;

/// <summary>A lock among processes and threads: a file that nobody else can open. It ends with its process.</summary>
internal sealed class FileLock : IDisposable
{
    private const int FirstWaitMilliseconds = 5;
    private const int LongestWaitMilliseconds = 100;
    private readonly FileStream stream;

    private FileLock(FileStream stream) => this.stream = stream;

    /// <summary>Takes the lock, as soon as it is free.</summary>
    /// <exception cref="OperationCanceledException">Canceled while waiting.</exception>
    public static FileLock Take(string path, CancellationToken cancellation)
    {
        for (int wait = FirstWaitMilliseconds; ; wait = Math.Min(2 * wait, LongestWaitMilliseconds))
        {
            cancellation.ThrowIfCancellationRequested();
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (TryTake(path) is { } taken)
                return taken;
            cancellation.WaitHandle.WaitOne(wait);
        }
    }

    /// <summary>Takes the lock if it is free.</summary>
    public static FileLock? TryTake(string path)
    {
        try
        {
            FileLock taken = new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
            if (File.Exists(path))
                return taken;
            // Deleted between opening and locking: somebody else may hold the file that is there next.
            taken.Dispose();
            return null;
        }
        catch (IOException e) when (e is DirectoryNotFoundException || IsHeld(e))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    // Windows: sharing or lock violation. Elsewhere the error number of a lock that another holds: EAGAIN of Linux or of macOS.
    private static bool IsHeld(IOException e) => RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
        ? (e.HResult & 0xFFFF) is 32 or 33
        : e.HResult is 11 or 35;
}
