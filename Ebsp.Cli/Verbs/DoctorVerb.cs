using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Import;

namespace Ebsp.Cli.Verbs;

/// <summary>What this host offers, and the limits of ebspc.</summary>
internal sealed class DoctorVerb : Verb
{
    public DoctorVerb()
        : base("doctor", "Shows the runtime, the kernels that this host can run, and the limits.", "ebspc doctor")
    {
    }

    /// <summary>Kernels of the fast engine with whether this host can run them, best first.</summary>
    public static IReadOnlyList<(string Name, bool IsAvailable)> Kernels { get; } =
    [
        ("avxvnni", AvxVnni.IsSupported),
        ("avx2", Avx2.IsSupported),
        ("vector128", Vector128.IsHardwareAccelerated),
        ("scalar", true),
    ];

    public override int Run(Call call)
    {
        (string Name, string Value)[] rows =
        [
            ("ebspc", ToolVersion.Full),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("system", $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}"),
            ("culture", CultureInfo.CurrentCulture.Name is { Length: > 0 } culture ? culture : "invariant"),
            ("processors", Quantity.Count(Environment.ProcessorCount)),
            ("memory", Quantity.Bytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)),
            ("kernels", string.Join(", ", Kernels.Where(kernel => kernel.IsAvailable).Select(kernel => kernel.Name))),
            ("missing kernels", string.Join(", ",
                Kernels.Where(kernel => !kernel.IsAvailable).Select(kernel => kernel.Name)) is { Length: > 0 } missing ? missing : "none"),
            ("model file", $"at most {Quantity.Bytes(ModelReader.MaxFileBytes)}"),
            ("nodes", $"at most {Quantity.Count(OnnxImporter.MaxNodes)}"),
            ("constants", $"at most {Quantity.Count(OnnxImporter.MaxTensors)}"),
            ("decoded images", "at most 1 GiB, fewer with --count"),
            (".ebsp file", "below 2 GiB, its regions 4 GiB together"),
            ("tested on", "Linux x64; not on Windows, macOS, arm64"),
            ("telemetry", "none"),
        ];
        foreach ((string name, string value) in rows)
        {
            call.Print($"{name,-16} {value}");
            call.Result[name] = value;
        }

        call.Result["kernels"] =
            new JsonArray([.. Kernels.Where(kernel => kernel.IsAvailable).Select(kernel => JsonValue.Create(kernel.Name))]);
        return ExitCode.Success;
    }
}
