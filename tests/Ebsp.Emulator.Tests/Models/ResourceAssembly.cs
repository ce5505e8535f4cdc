using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ebsp.Emulator.Tests.Models;

/// <summary>Writes an assembly with nothing but a resource in it, as the C# compiler embeds one.</summary>
internal static class ResourceAssembly
{
    public static void Write(string path, string name, string resource, byte[] content)
    {
        MetadataBuilder metadata = new();
        metadata.AddModule(0, metadata.GetOrAddString(name + ".dll"), metadata.GetOrAddGuid(new Guid("0d0c7a3e-53a5-4a4f-9d15-0b1f4f1b8d11")), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(name), new Version(1, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        BlobBuilder resources = new();
        resources.WriteInt32(content.Length);
        resources.WriteBytes(content);
        metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString(resource), default, 0);
        ManagedPEBuilder builder = new(new PEHeaderBuilder(imageCharacteristics: Characteristics.ExecutableImage | Characteristics.Dll), new MetadataRootBuilder(metadata), new BlobBuilder(), managedResources: resources);
        BlobBuilder image = new();
        builder.Serialize(image);
        File.WriteAllBytes(path, image.ToArray());
    }
}
