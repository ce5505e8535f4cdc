using System.CommandLine;
using System.Globalization;
using System.Text;
using Ebsp.Cli.Arguments;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Verbs;

/// <summary>A program as a listing that <c>asm</c> reads again.</summary>
internal sealed class DisasmVerb : Verb
{
    private const int CommentColumn = 88;

    private readonly Argument<string> _program = new("MODEL.ebsp") { Description = "The program." };
    private readonly Option<string?> _output = OutputOption.Optional("LISTING.s",
        "Write the listing here instead of to the standard output.");

    public DisasmVerb()
        : base("disasm", "Lists the instructions with their layers and addresses.", "ebspc disasm resnet.ebsp",
            "ebspc disasm resnet.ebsp -o resnet.s")
    {
        Arguments.Add(_program);
        Options.Add(_output);
    }

    public override int Run(Call call)
    {
        EbspProgram program = ModelArgument.Open(call, call.Get(_program)).RequireProgram(Name);
        string[] lines = [.. Lines(program)];
        if (call.Get(_output) is { } path and not "-")
        {
            call.Write(path, Encoding.UTF8.GetBytes(string.Join('\n', lines.Select(Text.Clean)) + "\n"));
            return ExitCode.Success;
        }

        call.Result["instructions"] = program.Code.Length;
        call.Result["listing"] = string.Join('\n', lines);
        call.Print(lines);
        return ExitCode.Success;
    }

    private static IEnumerable<string> Lines(EbspProgram program)
    {
        string layer = "";
        for (int i = 0; i < program.Code.Length; i++)
        {
            if (program.Layers.LayerOf(i) is var name && name != layer)
                yield return $"; {layer = name}";
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{Disassembler.Write(program.Code[i]).PadRight(CommentColumn)} ; {i} 0x{i * Instruction.SizeBytes:X6}");
        }
    }
}
