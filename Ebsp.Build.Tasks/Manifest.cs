using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>What the generator sees of a model: one line of JSON with a fixed order of members.</summary>
internal static class Manifest
{
    private const long Version = 1;

    /// <summary>The manifest of an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="facts">What the compiler told of it; null at design time, where the model may not have been compiled.</param>
    public static string Of(ModelItem item, JsonValue? facts)
    {
        JsonWriter json = new JsonWriter().BeginObject()
            .Name("ebspModel").Value(Version)
            .Name("file").Value(item.FileName)
            .Name("namespace").Value(item.Namespace)
            .Name("class").Value(item.ClassName)
            .Name("access").Value(item.Access)
            .Name("load").Value(item.IsFile ? "file" : "embedded")
            .Name("resource").Value(item.Resource)
            .Name("designTime").Value(facts is null)
            .Name("facts");
        return (facts is null ? json.Value((string?)null) : json.Value(facts)).EndObject().ToString();
    }
}
