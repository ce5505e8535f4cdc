using System.IO.MemoryMappedFiles;
using System.Reflection;
using System.Resources;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Models;

/// <summary>A .ebsp file where it lies: a resource of an assembly or a file beside the application, neither of them copied to the heap.</summary>
public sealed class ModelBlob
{
    // Of the header, see docs/ebsp-file.md.
    private const int DigestOffset = 32;
    private const int DigestBytes = 32;

    internal ModelBlob(ReadOnlyMemory<byte> memory, string name, string digest)
    {
        byte[] expected = Convert.FromHexString(digest);
        if (expected.Length != DigestBytes)
            throw new ArgumentException($"a digest has {2 * DigestBytes} hexadecimal digits, not {digest.Length}", nameof(digest));
        ReadOnlySpan<byte> file = memory.Span;
        // What is no .ebsp file at all is refused when it is opened, with the rule that it breaks.
        if (file.Length >= DigestOffset + DigestBytes && !file.Slice(DigestOffset, DigestBytes).SequenceEqual(expected))
        {
            throw new EbspFormatException(ProgramRule.Digest, -1, name,
                $"its digest is {Convert.ToHexString(file.Slice(DigestOffset, DigestBytes)).ToLowerInvariant()}, but this build of the application was made with {digest}: it belongs to another build; build or publish again, and copy both together");
        }

        Memory = memory;
        GC.KeepAlive(memory);
    }

    /// <summary>The file's bytes, at any address. They stay where they are as long as this object or the memory is reachable; a span alone does not keep them.</summary>
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
            ?? throw new MissingManifestResourceException($"assembly {assembly.GetName().Name} has no resource '{name}', in which its build put the model: build it again");
        return new ModelBlob(ResourceMemory(stream, assembly), $"resource '{name}' of assembly {assembly.GetName().Name}", digest);
    }

    /// <summary>A file beside the application, mapped into memory: the operating system reads what is used.</summary>
    /// <param name="relativePath">Path relative to the application's folder (AppContext.BaseDirectory), whatever the working directory is.</param>
    /// <param name="digest">The digest of the program's header that the build wrote down, 64 hexadecimal digits.</param>
    /// <exception cref="FileNotFoundException">The file is absent.</exception>
    /// <exception cref="EbspFormatException">The file has another digest.</exception>
    public static ModelBlob OfFile(string relativePath, string digest)
    {
        ArgumentNullException.ThrowIfNull(relativePath);
        ArgumentNullException.ThrowIfNull(digest);
        string path = Path.GetFullPath(relativePath, AppContext.BaseDirectory);
        if (!File.Exists(path))
            throw new FileNotFoundException($"the model's file {path} is absent. Its item has LoadStrategy=File, so the file must go with the application: copy it there, or take LoadStrategy=Embedded.", path);
        return new ModelBlob(FileMemory(path), path, digest);
    }

    private static unsafe ReadOnlyMemory<byte> ResourceMemory(Stream stream, Assembly assembly)
    {
        if (stream is UnmanagedMemoryStream inPlace)
            return new NativeMemory(inPlace.PositionPointer, checked((int)(inPlace.Length - inPlace.Position)), (inPlace, assembly)).Memory;
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
        // It stays open for reading: whoever would overwrite it under a running application is told so.
        MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        // The memory holds the handle, and the handle's finaliser unmaps the file: so the file stays mapped as long as the memory is reachable, and no longer.
        byte* address = (byte*)view.SafeMemoryMappedViewHandle.DangerousGetHandle() + view.PointerOffset;
        return new NativeMemory(address, length, (mapped, view)).Memory;
    }
}
