using System.Buffers.Binary;
using System.IO.Compression;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>The bytes of a data file, a gzip layer (<c>.gz</c>) taken off.</summary>
internal sealed class DataSource : IDisposable
{
    /// <summary>Largest decoded set in bytes.</summary>
    public const long MaxSetBytes = 1L << 30;

    private readonly FileStream file;
    private readonly Stream stream;
    private long position;

    private DataSource(string path, FileStream file)
    {
        Path = path;
        this.file = file;
        stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    public string Path { get; }

    private bool IsCompressed => stream != file;

    /// <summary>Upper bound of the bytes in the file: its length, or what deflate can make of it (at most 1,032 bytes of one).</summary>
    public long MaxLength => IsCompressed ? file.Length * 1032 : file.Length;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static DataSource Open(string path) => new(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));

    /// <summary>Reads until the buffer is full or the data ends; returns the bytes read.</summary>
    public int Fill(Span<byte> buffer)
    {
        try
        {
            int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            position += read;
            return read;
        }
        catch (InvalidDataException)
        {
            throw DataDiagnostics.Error(DataDiagnostics.Damaged, Path, null, "The gzip stream is damaged.", "Get the file again.");
        }
    }

    /// <summary>Fills the buffer or reports that the file ends within <paramref name="what"/>.</summary>
    public void ReadExactly(Span<byte> buffer, string what)
    {
        if (Fill(buffer) != buffer.Length)
            throw DataDiagnostics.CutOff(Path, null, $"The file ends within {what}.");
    }

    /// <summary>Reports bytes that follow, and a gzip stream that stops before its end.</summary>
    public void ExpectEnd()
    {
        if (Fill(stackalloc byte[1]) != 0)
            throw DataDiagnostics.Error(DataDiagnostics.TrailingData, Path, null, "Bytes follow the last image.",
                "Get the file again: its header and its data disagree.");
        if (!IsCompressed)
            return;
        // GZipStream takes a missing end for the end; the trailer's last word is the length modulo 2^32.
        Span<byte> trailer = stackalloc byte[4];
        if (file.Length >= 4)
        {
            file.Position = file.Length - 4;
            file.ReadExactly(trailer);
        }
        if (file.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)position)
            throw DataDiagnostics.CutOff(Path, null, "The gzip stream stops before its end, or has more than one member.");
    }

    public void Dispose()
    {
        stream.Dispose();
        file.Dispose();
    }
}
