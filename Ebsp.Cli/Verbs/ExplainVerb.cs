using System.CommandLine;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Cli.Verbs;

/// <summary>A diagnostic in full, offline.</summary>
internal sealed class ExplainVerb : Verb
{
    private readonly Argument<string> _code = new("EBSPnnnn") { Description = "The code of a diagnostic." };

    public ExplainVerb()
        : base("explain", "Explains a diagnostic.", "ebspc explain EBSP1005") => Arguments.Add(_code);

    public override int Run(Call call)
    {
        string code = call.Get(_code).ToUpperInvariant();
        DiagnosticDescriptor row = DiagnosticDescriptors.Find(code) ?? throw DiagnosticDescriptors.UnknownCode.Error(null, null, code);
        call.Print($"{row.Code} {row.Title}");
        call.Print($"cause    {row.Blank}");
        call.Print($"fix      {row.Fix}");
        call.Print($"example  {row.Example}");
        call.Result["code"] = row.Code;
        call.Result["title"] = row.Title;
        call.Result["cause"] = row.Blank;
        call.Result["fix"] = row.Fix;
        call.Result["example"] = row.Example;
        return ExitCode.Success;
    }
}
