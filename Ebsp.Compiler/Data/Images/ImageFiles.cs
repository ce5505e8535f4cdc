using System.IO.Compression;
using System.IO.Enumeration;
using System.IO.Hashing;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data.Images;

/// <summary>The pictures of a folder (with its subfolders), of a zip, or one file alone; each is read when it is asked for, from any
/// thread.</summary>
internal sealed class ImageFiles
{
    private const int MaxFiles = 1 << 22;

    private readonly string _path;
    private readonly ZipArchive? _zip; // kept open for as long as this lives; its handle goes with it
    private readonly bool _isFolder;

    private ImageFiles(string path, bool isFolder, ZipArchive? zip, IEnumerable<string> names)
    {
        (_path, _isFolder, _zip) = (path, isFolder, zip);
        // Ordinal: the same order under every culture and file system.
        Names = [.. names.Take(MaxFiles + 1).Order(StringComparer.Ordinal)];
        if (Names.Count > MaxFiles)
            throw DataDiagnostics.Error(DataDiagnostics.TooLarge, path, null, "There are more than 2^22 pictures.", "Take a part of them.");
        if (Names.Count == 0)
            throw DataDiagnostics.Error(DataDiagnostics.Empty, path, null, "There is no .png, .jpg, .jpeg, .bmp, .gif, .webp, .ppm, " +
                ".pgm or .pnm file in it.",
                "Give a folder or zip with at least one picture.");
    }

    /// <summary>Names in ordinal order, with '/' between folders.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether the path is a folder, a zip, or by its name a picture.</summary>
    public static bool Takes(string path) => Directory.Exists(path) || IsZip(path) || ImageDecoder.IsImageName(path);

    /// <exception cref="Diagnostics.EbspException">There is no picture, or the zip is damaged.</exception>
    public static ImageFiles Open(string path)
    {
        if (Directory.Exists(path))
            return new ImageFiles(path, isFolder: true, null, NamesIn(path));
        if (!IsZip(path))
            return new ImageFiles(path, isFolder: false, null, [Path.GetFileName(path)]);
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            ZipArchive zip = new(file, ZipArchiveMode.Read);
            string[] names = [.. zip.Entries.Select(entry => entry.FullName).Where(ImageDecoder.IsImageName)];
            return names.Distinct(StringComparer.Ordinal).Count() == names.Length
                ? new ImageFiles(path, isFolder: false, zip, names)
                : throw DataDiagnostics.Error(DataDiagnostics.BadValue, path, null, "Two entries of the zip have the same name.",
                    "Pack the pictures again.");
        }
        catch (InvalidDataException)
        {
            file.Dispose();
            throw DataDiagnostics.Error(DataDiagnostics.Damaged, path, null, "The zip is damaged, or is none.", "Get the file again.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file on disk that holds a picture.</summary>
    public string FileOf(string name) => _isFolder ? Path.Combine(_path, name) : _path;

    /// <summary>Reads and decodes a picture.</summary>
    /// <exception cref="Diagnostics.EbspException">It cannot be read, or is malformed.</exception>
    public Raster Decode(string name)
    {
        string path = FileOf(name);
        byte[] bytes = DataReader.Guard(path, () => _zip is null ? ReadFile(path) : ReadEntry(_zip, name));
        return ImageDecoder.Decode(bytes, OriginOf(name));
    }

    /// <summary>For diagnostics about a picture.</summary>
    public ImageOrigin OriginOf(string name) => new(FileOf(name), _zip is null ? null : name);

    private static bool IsZip(string path) => path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    // Links to folders are not followed: they can go in circles.
    private static FileSystemEnumerable<string> NamesIn(string path) => new(path,
        (ref FileSystemEntry entry) => Path.GetRelativePath(path, entry.ToFullPath()).Replace('\\', '/'),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && ImageDecoder.IsImageName(entry.FileName.ToString()),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };

    private static byte[] ReadFile(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        if (file.Length > ImageDecoder.MaxFileBytes)
            throw TooLarge(path, null);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private byte[] ReadEntry(ZipArchive zip, string name)
    {
        byte[] bytes;
        uint crc;
        try
        {
            lock (zip)
            {
                ZipArchiveEntry entry = zip.GetEntry(name)!;
                // Deflate makes at most 1,032 bytes of one: a length beyond that is a lie.
                if (entry.Length > Math.Min(ImageDecoder.MaxFileBytes, entry.CompressedLength * 1032))
                    throw TooLarge(_path, name);
                bytes = new byte[entry.Length];
                crc = entry.Crc32;
                using Stream stream = entry.Open();
                if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || stream.ReadByte() >= 0)
                    throw OriginOf(name).Damaged("The entry's length in the zip is wrong.");
            }
        }
        catch (InvalidDataException)
        {
            throw OriginOf(name).Damaged("The entry is damaged, encrypted, or packed by a method that is not read.");
        }

        return Crc32.HashToUInt32(bytes) == crc ? bytes : throw OriginOf(name).Damaged("The CRC of the entry is wrong.");
    }

    private static Diagnostics.EbspException TooLarge(string path, string? entry) =>
        DataDiagnostics.Error(DataDiagnostics.TooLarge, path, entry,
            "The picture takes more than 256 MiB, or less than its length in the zip says.", "Save the picture anew, with fewer pixels.");
}
