using System.Security.Cryptography;
using System.Text;

namespace Ebsp.Build.Tasks;

/// <summary>SHA-256 as 64 lower-case hexadecimal digits.</summary>
internal static class Sha256
{
    /// <summary>Of a file.</summary>
    public static string OfFile(string path)
    {
        using FileStream stream =
            new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        using SHA256 algorithm = SHA256.Create();
        return Hex(algorithm.ComputeHash(stream));
    }

    /// <summary>Of a text in UTF-8.</summary>
    public static string OfText(string text)
    {
        using SHA256 algorithm = SHA256.Create();
        return Hex(algorithm.ComputeHash(Encoding.UTF8.GetBytes(text)));
    }

    private static string Hex(byte[] hash)
    {
        StringBuilder text = new(2 * hash.Length);
        foreach (byte value in hash)
            text.Append("0123456789abcdef"[value >> 4]).Append("0123456789abcdef"[value & 15]);
        return text.ToString();
    }
}
