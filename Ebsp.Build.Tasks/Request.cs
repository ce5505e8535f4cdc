using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>What `ebspc batch` is asked for: one compilation a model.</summary>
internal static class Request
{
    private const long Version = 1;

    /// <summary>The request file.</summary>
    /// <param name="calls">Models, and the folder of each for what is made of it; the id of a call is its place in the list.</param>
    public static string Of(IReadOnlyList<KeyValuePair<ModelItem, string>> calls)
    {
        JsonWriter json = new JsonWriter().BeginObject().Name("request").Value(Version).Name("calls").BeginArray();
        for (int i = 0; i < calls.Count; i++)
        {
            (ModelItem item, string folder) = (calls[i].Key, calls[i].Value);
            json.BeginObject().Name("id").Value(IdOf(i)).Name("arguments").BeginArray().Value("compile").Value(item.FilePath);
            foreach (Argument argument in item.Arguments)
                json.Value(argument.Option).Value(argument.Value);
            if (item.HasLayers)
                json.Value("--report").Value(Path.Combine(folder, ModelStore.LayersFile));
            json.Value("-o").Value(Path.Combine(folder, ModelStore.ModelFile)).EndArray().EndObject();
        }

        return json.EndArray().EndObject().ToString();
    }

    /// <summary>The id of a call.</summary>
    public static string IdOf(int index) => FormattableString.Invariant($"{index}");
}
