using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ebsp.TestKit.Programs;

/// <summary>Writes an assembly with nothing but a resource in it, as the C# compiler embeds one.</summary>
public static class ResourceAssembly
{
    /// <param name="path">The file.</param>
    /// <param name="name">Name of the assembly.</param>
    /// <param name="resource">Name of the resource.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="padding">Bytes before the resource: an odd number puts it at an odd address.</param>
    public static void Write(string path, string name, string resource, byte[] content, int padding = 0)
    {
        MetadataBuilder metadata = new();
        metadata.AddModule(0, metadata.GetOrAddString(name + ".dll"),
            metadata.GetOrAddGuid(new Guid("0d0c7a3e-53a5-4a4f-9d15-0b1f4f1b8d11")), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(name), new Version(1, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));
        BlobBuilder resources = new();
        resources.WriteBytes(0, padding);
        resources.WriteInt32(content.Length);
        resources.WriteBytes(content);
        metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString(resource), default, (uint)padding);
        ManagedPEBuilder builder =
            new(new PEHeaderBuilder(imageCharacteristics: Characteristics.ExecutableImage | Characteristics.Dll),
            new MetadataRootBuilder(metadata), new BlobBuilder(), managedResources: resources);
        BlobBuilder image = new();
        builder.Serialize(image);
        File.WriteAllBytes(path, image.ToArray());
    }
}
