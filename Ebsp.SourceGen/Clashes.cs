using System.Collections.Immutable;

namespace Ebsp.SourceGen;

/// <summary>One name that two models claim.</summary>
/// <param name="FullName">The class that is not made.</param>
/// <param name="Finding">The diagnostic.</param>
internal sealed record Clash(string FullName, Finding Finding);

/// <summary>Looks for names that two models claim.</summary>
internal static class Clashes
{
    /// <summary>One clash for each class that is another model's too, or another model's namespace.</summary>
    public static EquatableArray<Clash> Find(ImmutableArray<ManifestResult> results)
    {
        // Ordered, so that messages do not depend on the order of the project's items.
        Manifest[] manifests =
        [
            .. results.Select(result => result.Manifest).OfType<Manifest>()
                .OrderBy(manifest => manifest.FullName, StringComparer.Ordinal).ThenBy(manifest => manifest.Path, StringComparer.Ordinal),
        ];
        Dictionary<string, Manifest> namespaces = new(StringComparer.Ordinal);
        foreach (Manifest manifest in manifests)
        {
            for (string space = manifest.Namespace; space.Length > 0; space = space.Substring(0, Math.Max(0, space.LastIndexOf('.'))))
            {
                if (!namespaces.ContainsKey(space))
                    namespaces.Add(space, manifest);
            }
        }

        List<Clash> clashes = [];
        for (int i = 0; i < manifests.Length; i++)
        {
            Manifest manifest = manifests[i];
            bool isFirst = i == 0 || manifests[i - 1].FullName != manifest.FullName;
            if (isFirst && i + 1 < manifests.Length && manifests[i + 1].FullName == manifest.FullName)
                Add(manifest, $"the class '{CSharpText.Message(manifest.FullName)}' is made of both " +
                    $"'{CSharpText.Message(manifest.File)}' and '{CSharpText.Message(manifests[i + 1].File)}'");
            else if (isFirst && namespaces.TryGetValue(manifest.FullName, out Manifest inside))
                Add(manifest, $"'{CSharpText.Message(manifest.FullName)}' is the class of '{CSharpText.Message(manifest.File)}' and a " +
                    $"namespace of the class of '{CSharpText.Message(inside.File)}'");
        }

        return new EquatableArray<Clash>([.. clashes]);

        void Add(Manifest manifest, string cause) =>
            clashes.Add(new Clash(manifest.FullName, new Finding(GeneratorDiagnostics.Clash, manifest.Path, 0, 0, cause)));
    }
}
