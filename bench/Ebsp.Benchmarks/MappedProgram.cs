using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Ebsp.Benchmarks;

/// <summary>A file read in place, as a baked model is.</summary>
internal sealed unsafe class MappedProgram : MemoryManager<byte>
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _first;
    private readonly int _length;

    /// <param name="path">The file.</param>
    /// <param name="skip">Bytes before the program: an odd number puts it at an odd address.</param>
    public MappedProgram(string path, int skip)
    {
        _length = (int)new FileInfo(path).Length - skip;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _first = start + skip;
    }

    public override Span<byte> GetSpan() => new(_first, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_first + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
