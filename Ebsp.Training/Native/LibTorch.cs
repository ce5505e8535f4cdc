using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Ebsp.Compiler.Diagnostics;
using TorchSharp;

namespace Ebsp.Training.Native;

/// <summary>The native library behind TorchSharp: whether it loads here, and how it should use memory and threads.</summary>
internal static partial class LibTorch
{
    private const string Library = "LibTorchSharp";

    // Parameters of mallopt (malloc.h).
    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3;

    private static readonly Lazy<Diagnostic?> Loading = new(Load);

    /// <summary>Why it does not load here; null where it does.</summary>
    public static Diagnostic? Cause => Loading.Value;

    /// <summary>Loads it once for the process.</summary>
    /// <param name="threads">Threads of one operation.</param>
    /// <exception cref="EbspException">EBSP5001: it does not load, with the cause.</exception>
    public static void Require(int threads)
    {
        if (Cause is { } cause)
            throw new EbspException(cause);
        torch.set_num_threads(threads);
    }

    private static Diagnostic? Load()
    {
        // TorchSharp itself would copy 600 MB beside the program before it says what is wrong.
        try
        {
            NativeLibrary.Load(Library, typeof(torch).Assembly, null);
        }
        catch (DllNotFoundException e)
        {
            return DiagnosticDescriptors.NoTorch.At(null, null, CauseOf(e.Message));
        }
        catch (BadImageFormatException)
        {
            return DiagnosticDescriptors.NoTorch.At(null, null, $"it is not made for {RuntimeInformation.ProcessArchitecture} processes");
        }

        KeepPages();
        return null;
    }

    /// <summary>The cause in what the loader says of every place that it tried.</summary>
    internal static string CauseOf(string message)
    {
        Match version = MissingVersion().Match(message);
        if (version.Success)
            return $"the system's C++ runtime is too old: {version.Groups[1].Value} has no {version.Groups[2].Value}, which comes with " +
                "GCC 13";
        Match other = MissingLibrary().Match(message);
        return other.Success ? $"{other.Groups[1].Value} is missing"
            : $"there is none for {RuntimeInformation.RuntimeIdentifier} beside the program";
    }

    // Tensors are made and freed at every step: the C library returns large blocks to the system, and their pages come back as zeros one
    // by one, which costs more than the arithmetic. A process that trains keeps them.
    private static void KeepPages()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = mallopt(MmapThreshold, 1 << 30);
            _ = mallopt(TrimThreshold, int.MaxValue);
            _ = mallopt(TopPad, 256 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without it (musl) has its own way.
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [GeneratedRegex(@"([\w./+-]*libstdc\+\+\.so\.6|[\w./+-]*libc\.so\.6|[\w./+-]*libm\.so\.6): version `(\w+_[\d.]+)' not found")]
    private static partial Regex MissingVersion();

    [GeneratedRegex(@"(lib(?!LibTorchSharp)[\w+-]+\.so[\d.]*): cannot open shared object file")]
    private static partial Regex MissingLibrary();
}
