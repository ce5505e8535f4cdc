using System.CommandLine;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Arguments;

/// <summary>The option that names a machine.</summary>
internal sealed class ArchArgument
{
    private readonly Option<string?> _arch;

    /// <summary>Adds the option to a verb.</summary>
    public ArchArgument(Verb verb, string description)
    {
        _arch = new Option<string?>("--arch") { Description = description, HelpName = "PRESET|FILE.json" };
        verb.Options.Add(_arch);
    }

    /// <summary>The machine, or null where none is named.</summary>
    /// <exception cref="EbspException">EBSP7106: neither a preset nor a valid description.</exception>
    public ArchSpec? Read(Call call)
    {
        if (call.Get(_arch) is not { } name)
            return null;
        if (ArchPresets.Find(name) is { } preset)
            return preset;
        if (!File.Exists(name))
            throw DiagnosticDescriptors.BadMachine.Error(null, null, $"'{name}' is neither a preset nor a file");
        byte[] json = File.ReadAllBytes(name);
        call.Record(name, json);
        try
        {
            return ArchJson.Read(json);
        }
        catch (FormatException e)
        {
            throw DiagnosticDescriptors.BadMachine.Error(name, null, e.Message.TrimEnd('.'));
        }
    }
}
