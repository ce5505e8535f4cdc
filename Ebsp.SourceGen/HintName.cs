using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ebsp.SourceGen;

/// <summary>Name of a generated file: short, since it becomes a path where generated files are written out, and another for each
/// class.</summary>
internal static class HintName
{
    private const int MaxPrefix = 36;
    private const int HashBytes = 8;

    /// <summary>At most 58 characters of ASCII: what can be read of the class's name, 16 hexadecimal digits of the full name's SHA-256,
    /// .g.cs.</summary>
    public static string Of(Manifest manifest)
    {
        StringBuilder name = new();
        foreach (char unit in manifest.Class)
        {
            if (unit is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' && name.Length < MaxPrefix)
                name.Append(unit);
        }

        name.Append('.');
        using SHA256 sha = SHA256.Create();
        byte[] hash = sha.ComputeHash(Encoding.UTF8.GetBytes(manifest.FullName));
        for (int i = 0; i < HashBytes; i++)
            name.Append(hash[i].ToString("x2", CultureInfo.InvariantCulture));
        return name.Append(".g.cs").ToString();
    }
}
