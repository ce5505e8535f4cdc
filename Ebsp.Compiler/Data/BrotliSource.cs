using System.Buffers;
using System.IO.Compression;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>One Brotli stream that fills a file. Unlike BrotliStream it tells a stream that was cut off from one that has ended.</summary>
internal sealed class BrotliSource(string path) : IDisposable
{
    private readonly FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
    private readonly byte[] input = new byte[1 << 16];
    private BrotliDecoder decoder;
    private int start;
    private int end;
    private bool done;

    /// <summary>Decodes until the buffer is full or the stream ends; returns the bytes decoded.</summary>
    public int Fill(Span<byte> buffer)
    {
        int filled = 0;
        while (filled < buffer.Length && !done)
        {
            OperationStatus status = decoder.Decompress(input.AsSpan(start..end), buffer[filled..], out int consumed, out int written);
            start += consumed;
            filled += written;
            done = status == OperationStatus.Done;
            if (status == OperationStatus.InvalidData)
                throw DataDiagnostics.Error(DataDiagnostics.Damaged, path, null, "The Brotli stream is damaged.", "Get the file again.");
            if (status == OperationStatus.NeedMoreData && !Refill())
                throw DataDiagnostics.CutOff(path, null, "The Brotli stream stops before its end.");
        }
        return filled;
    }

    /// <summary>Reports bytes after the stream's end.</summary>
    public void ExpectEnd()
    {
        if (start < end || Refill())
            throw DataDiagnostics.Error(DataDiagnostics.TrailingData, path, null, "Bytes follow the Brotli stream.", "Get the file again.");
    }

    private bool Refill()
    {
        // What the decoder left over (it takes all it is given while it needs more) stays in front.
        input.AsSpan(start..end).CopyTo(input);
        end -= start;
        start = 0;
        int read = file.Read(input, end, input.Length - end);
        end += read;
        return read > 0;
    }

    public void Dispose()
    {
        decoder.Dispose();
        file.Dispose();
    }
}
