using System.Reflection;
using System.Runtime.Loader;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Evaluation.Machines;

/// <summary>A user's machine from an assembly: its code runs with the user's rights, as any program does.</summary>
internal static class AssemblyMachine
{
    /// <summary>The one machine of an assembly.</summary>
    /// <exception cref="EbspException">EBSP8003: it cannot be loaded, or has no machine or several.</exception>
    public static IMachine Load(string path)
    {
        EbspException Bad(string cause) => DiagnosticDescriptors.BadLabAssembly.Error(path, null, cause);
        try
        {
            Assembly assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(Path.GetFullPath(path));
            Type[] machines = [.. assembly.GetExportedTypes().Where(type => !type.IsAbstract && typeof(IMachine).IsAssignableFrom(type))];
            if (machines.Length != 1)
                throw Bad(machines.Length == 0 ? "it has no public class that implements IMachine"
                    : "it has several classes that implement IMachine");
            return machines[0].GetConstructor(Type.EmptyTypes) is { } constructor
                ? (IMachine)constructor.Invoke(null) : throw Bad($"{machines[0].Name} has no constructor without parameters");
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or ReflectionTypeLoadException)
        {
            throw Bad($"it cannot be loaded: {e.Message.Split('\n')[0].TrimEnd('.')}");
        }
        catch (TargetInvocationException e)
        {
            throw Bad($"its constructor failed: {e.InnerException?.Message.Split('\n')[0].TrimEnd('.')}");
        }
    }
}
