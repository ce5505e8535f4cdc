using System.IO.MemoryMappedFiles;
using System.Reflection;
using System.Resources;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Models;

/// <summary>A .ebsp file where it lies: a resource of an assembly or a file beside the application, neither of them copied to the
/// heap.</summary>
public sealed class ModelBlob
{
    private readonly string _name;

    internal ModelBlob(ReadOnlyMemory<byte> memory, string name, string digest)
    {
        _name = name;
        Memory = memory;
        string found = Read(bytes => ProgramReader.DigestOf(bytes.Span));
        if (!string.Equals(found, digest, StringComparison.OrdinalIgnoreCase))
            throw new EbspFormatException(ProgramRule.Digest, -1, name,
                $"it belongs to another build of the application: its digest is {found}, not {digest}; build or publish again, and copy " +
                $"both together");
    }

    /// <summary>The file's bytes, at any address. They stay where they are as long as this object or the memory is reachable; a span alone
    /// does not keep them.</summary>
    internal ReadOnlyMemory<byte> Memory { get; }

    /// <summary>A resource embedded in an assembly, read in place.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="name">Logical name of the resource.</param>
    /// <param name="digest">The digest of the program's header that the build wrote down, 64 hexadecimal digits.</param>
    /// <exception cref="MissingManifestResourceException">The assembly has no such resource.</exception>
    /// <exception cref="EbspFormatException">The resource has another digest.</exception>
    public static ModelBlob OfResource(Assembly assembly, string name, string digest)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(digest);
        Stream stream = assembly.GetManifestResourceStream(name)
            ?? throw new MissingManifestResourceException(
                $"assembly {assembly.GetName().Name} has no resource '{name}', in which its build put the model: build it again");
        return new ModelBlob(ResourceMemory(stream, assembly), $"resource '{name}' of assembly {assembly.GetName().Name}", digest);
    }

    /// <summary>A file beside the application, mapped into memory: the operating system reads what is used.</summary>
    /// <param name="relativePath">Path relative to the application's folder (AppContext.BaseDirectory), whatever the working directory
    /// is.</param>
    /// <param name="digest">The digest of the program's header that the build wrote down, 64 hexadecimal digits.</param>
    /// <exception cref="FileNotFoundException">The file is absent.</exception>
    /// <exception cref="EbspFormatException">The file has another digest.</exception>
    public static ModelBlob OfFile(string relativePath, string digest)
    {
        ArgumentNullException.ThrowIfNull(relativePath);
        ArgumentNullException.ThrowIfNull(digest);
        string path = Path.GetFullPath(relativePath, AppContext.BaseDirectory);
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"the model's file {path} is absent. Its item has LoadStrategy=File, so the file must go with the application: copy it " +
                $"there, or take LoadStrategy=Embedded.", path);
        return new ModelBlob(FileMemory(path), path, digest);
    }

    /// <summary>Opens the program.</summary>
    /// <exception cref="EbspFormatException">It breaks a rule; the message names the file.</exception>
    internal EbspProgram Open() => Read(ProgramReader.Open);

    private static unsafe ReadOnlyMemory<byte> ResourceMemory(Stream stream, Assembly assembly)
    {
        if (stream is UnmanagedMemoryStream inPlace)
            return new UnmanagedBytes(inPlace.PositionPointer, checked((int)(inPlace.Length - inPlace.Position)),
                (inPlace, assembly)).Memory;
        // An assembly that was not loaded from an image, such as one built in memory, has its resources in other streams.
        using (stream)
        {
            byte[] copy = new byte[stream.Length];
            stream.ReadExactly(copy);
            return copy;
        }
    }

    private static unsafe ReadOnlyMemory<byte> FileMemory(string path)
    {
        FileInfo file = new(path);
        // An empty file cannot be mapped, and none of this length is read: both are refused when they are opened.
        if (file.Length is 0 or > int.MaxValue)
            return default;
        int length = (int)file.Length;
        // It stays open for reading: a build that would copy the next version over it, under a running application, is told so.
        MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        // The memory holds the handle, and the handle's finalizer unmaps the file: so the file stays mapped as long as the memory is
        // reachable, and no longer.
        byte* address = (byte*)view.SafeMemoryMappedViewHandle.DangerousGetHandle() + view.PointerOffset;
        return new UnmanagedBytes(address, length, (mapped, view)).Memory;
    }

    // What readers say of a file does not name it.
    private T Read<T>(Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(Memory);
        }
        catch (EbspFormatException broken)
        {
            throw new EbspFormatException(broken.Rule!.Value, broken.Offset, $"{_name}: {broken.Where}", broken.Cause);
        }
        finally
        {
            GC.KeepAlive(this);
        }
    }
}
