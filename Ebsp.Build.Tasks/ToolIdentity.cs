using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>Which compiler it is: the content of all assemblies beside ebspc.dll, so that another build of one version is another
/// compiler.</summary>
internal static class ToolIdentity
{
    /// <summary>The identity, 64 hexadecimal digits.</summary>
    /// <param name="ebspc">Full path of ebspc.dll.</param>
    /// <param name="cache">File that remembers hashes by size and time.</param>
    /// <param name="mayHash">Whether contents may be read and the file written; else what is not remembered makes an identity that no state
    /// has.</param>
    public static string Of(string ebspc, string cache, bool mayHash)
    {
        Dictionary<string, InputFile> earlier = Read(cache);
        InputFile[] assemblies =
        [
            .. Directory.GetFiles(Path.GetDirectoryName(ebspc)!, "*.dll").OrderBy(path => path, StringComparer.Ordinal)
                .Select(path => earlier.TryGetValue(path, out InputFile known) && (!mayHash || known.IsUntouched())
                    ? known
                    : mayHash ? InputFile.Of(path, null) : null)
                .Where(file => file is not null).Select(file => file!),
        ];
        if (mayHash)
            WholeFile.Write(cache, Write(assemblies));
        return Sha256.OfText(string.Join("\n", assemblies.Select(file => $"{Path.GetFileName(file.FullPath)} {file.Hash}")));
    }

    private static string Write(InputFile[] assemblies)
    {
        JsonWriter json = new JsonWriter().BeginArray();
        foreach (InputFile file in assemblies)
            file.Write(json);
        return json.EndArray().ToString();
    }

    private static Dictionary<string, InputFile> Read(string cache)
    {
        try
        {
            return WholeFile.ReadOrNull(cache) is { } text
                ? JsonReader.Read(text).Items.Select(InputFile.Read).Where(file => file is not null)
                    .ToDictionary(file => file!.FullPath, file => file!, StringComparer.Ordinal)
                : [];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return [];
        }
    }
}
