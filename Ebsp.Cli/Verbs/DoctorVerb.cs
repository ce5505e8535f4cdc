using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Ebsp.Cli.Arguments;
using Ebsp.Compiler.Files;
using Ebsp.Compiler.Import;

namespace Ebsp.Cli.Verbs;

/// <summary>What this host offers, and the limits of ebspc.</summary>
internal sealed class DoctorVerb : Verb
{
    public DoctorVerb()
        : base("doctor", "Shows the runtime, the kernels that this host can run, and the limits.", "ebspc doctor")
    {
    }

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
            ("kernels", string.Join(", ", KernelNames.Supported)),
            ("missing kernels", string.Join(", ", KernelNames.All.Except(KernelNames.Supported)) is { Length: > 0 } missing ? missing
                : "none"),
            ("model file", $"at most {Quantity.Bytes(FileBytes.MaxBytes)}"),
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

        call.Result["kernels"] = new JsonArray([.. KernelNames.Supported.Select(name => JsonValue.Create(name))]);
        return ExitCode.Success;
    }
}
