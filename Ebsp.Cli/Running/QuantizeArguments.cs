using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;

namespace Ebsp.Cli.Running;

/// <summary>Options that say how a float network becomes integers.</summary>
internal sealed class QuantizeArguments
{
    private readonly DataArguments _calibration;
    private readonly Option<OperandFormat?> _weights = Format("--weights", "Format of the weights (default: 6:3).");
    private readonly Option<OperandFormat?> _activations = Format("--activations", "Format of the tensors that are multiplied (default: 6:3).");
    private readonly Option<OperandFormat?> _first = Format("--first", "Format of the input and of the first layer's weights (default: 8 bits, k of --weights).");
    private readonly Option<OperandFormat?> _last = Format("--last", "Format of the last layer's operands (default: 8 bits, k of --weights).");
    private readonly Option<int> _terms = new Option<int>("--input-terms") { Description = "Pattern terms of the input.", DefaultValueFactory = _ => 2 }.AcceptOnlyFromAmong("1", "2");

    /// <summary>Adds the options to a verb.</summary>
    public QuantizeArguments(Verb verb)
    {
        _calibration = new DataArguments(verb, "--calibration", "Images to calibrate on; an already quantised network can do without.", labels: false, defaultCount: 512);
        verb.Options.Add(_weights);
        verb.Options.Add(_activations);
        verb.Options.Add(_first);
        verb.Options.Add(_last);
        verb.Options.Add(_terms);
    }

    /// <summary>Quantises a float graph.</summary>
    /// <exception cref="EbspException">There are no calibration images, or the network cannot be quantised.</exception>
    public QuantizationResult Run(Call call, Graph graph)
    {
        // An already quantised network brings its ranges along.
        ImageSet? images = AffineReference.IsQuantised(graph) && _calibration.Path(call) is null ? null : _calibration.Require(call, graph.InputShape);
        using Progress progress = call.StartProgress("quantise, tensors", total: 0);
        return Quantizer.Run(graph, images, Options(call), progress, call.Cancellation);
    }

    /// <summary>The options as part of a program's provenance, canonical.</summary>
    public string Describe(Call call)
    {
        QuantizerOptions options = Options(call);
        string calibration = call.Inputs.FirstOrDefault(input => input.Path == _calibration.Path(call))?.Sha256 ?? "none";
        return string.Create(CultureInfo.InvariantCulture,
            $"weights={options.Weights} activations={options.Activations} first={options.First?.ToString() ?? "auto"} last={options.Last?.ToString() ?? "auto"} input-terms={options.InputTerms} calibration={calibration} count={_calibration.Count(call)}{_calibration.DescribeSize(call)}");
    }

    private QuantizerOptions Options(Call call)
    {
        QuantizerOptions options = new() { First = call.Get(_first), Last = call.Get(_last), InputTerms = call.Get(_terms) };
        return options with { Weights = call.Get(_weights) ?? options.Weights, Activations = call.Get(_activations) ?? options.Activations };
    }

    private static Option<OperandFormat?> Format(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "B:k",
        CustomParser = result =>
        {
            if (OperandFormat.TryParse(result.Tokens[0].Value, out OperandFormat format))
                return format;
            result.AddError($"{name} '{result.Tokens[0].Value}' is not of the form 6:3 (bits 2..8, pattern length 1..4)");
            return null;
        },
    };
}
