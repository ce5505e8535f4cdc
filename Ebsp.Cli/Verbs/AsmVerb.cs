using System.Collections.Immutable;
using System.CommandLine;
using Ebsp.Cli.Arguments;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>A listing as a program: everything but the instructions is taken from another program.</summary>
internal sealed class AsmVerb : Verb
{
    private readonly Argument<string> _listing = new("LISTING.s") { Description = "The listing." };
    private readonly Option<string> _like =
        new("--like") { Description = "The program that gives machine, weights, tables and regions.", HelpName = "MODEL.ebsp",
        Required = true };
    private readonly Option<string> _output = OutputOption.Required("MODEL.ebsp");

    public AsmVerb()
        : base("asm", "Puts the instructions of a listing into a program.", "ebspc asm resnet.s --like resnet.ebsp -o changed.ebsp")
    {
        Arguments.Add(_listing);
        Options.Add(_like);
        Options.Add(_output);
    }

    public override int Run(Call call)
    {
        EbspProgram like = ModelArgument.Open(call, call.Get(_like)!).RequireProgram(Name);
        string path = call.Get(_listing);
        ImmutableArray<Instruction> code;
        try
        {
            code = [.. Assembler.Assemble(File.ReadAllText(path))];
        }
        catch (FormatException e)
        {
            throw DiagnosticDescriptors.BadListing.Error(path, null, e.Message.TrimEnd('.'));
        }

        call.Record(path);
        EbspProgram program =
            like with { Code = code, Layers = code.Length == like.Code.Length ? like.Layers : LayerMap.Empty(code.Length) };
        byte[] file = ProgramWriter.Write(program);
        ProgramReader.Open(file);
        call.Print($"{Quantity.Count(code.Length, "instruction")}");
        call.Write(call.Get(_output)!, file);
        return ExitCode.Success;
    }
}
