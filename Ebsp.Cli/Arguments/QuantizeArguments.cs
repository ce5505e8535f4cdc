using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Cli.Printing;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Reports;
using Ebsp.Isa.Machine;

namespace Ebsp.Cli.Arguments;

/// <summary>Options that say how a float network becomes integers.</summary>
internal sealed class QuantizeArguments
{
    private readonly DataArguments _calibration;
    private readonly Option<OperandFormat?> _weights = FormatOptions.Format("--weights", "Format of the weights (default: 6:3).");
    private readonly Option<OperandFormat?> _activations =
        FormatOptions.Format("--activations", "Format of the tensors that are multiplied (default: 6:3).");
    private readonly Option<OperandFormat?> _first =
        FormatOptions.Format("--first", "Format of the input and of the first layer's weights (default: 8 bits, k of --weights).");
    private readonly Option<OperandFormat?> _last =
        FormatOptions.Format("--last", "Format of the last layer's operands (default: 8 bits, k of --weights).");
    private readonly Option<ClipRule> _clip =
        FormatOptions.Clip("Clip of activations: least squared error, nothing clipped, or a percentile.");
    private readonly Option<string[]> _layers =
        new("--layer") { Description =
        "Formats of one layer's weights and of the tensor that it reads; '-' keeps the network's. May be repeated.",
        HelpName = "NAME=B:k[,B:k]" };
    private readonly Option<bool> _equalize =
        new("--equalize") { Description = "Also try cross-layer equalization, and take it if the scores come out better." };
    private readonly Option<string?> _leastAgreement = new("--min-agreement")
    {
        Description = "Refuse integers that answer as the float network on a smaller share of the calibration images, such as 0.95.",
        HelpName = "SHARE",
    };
    private readonly Option<int> _terms =
        new Option<int>("--input-terms") { Description = "Pattern terms of the input.", DefaultValueFactory = _ => 2 }.AcceptOnlyFromAmong(
        "1", "2");

    /// <summary>Adds the options to a verb.</summary>
    public QuantizeArguments(Verb verb)
    {
        _calibration = new DataArguments(verb, "--calibration", "Images to calibrate on; an already quantized network can do without.",
            labels: false, defaultCount: 512);
        verb.Options.Add(_weights);
        verb.Options.Add(_activations);
        verb.Options.Add(_first);
        verb.Options.Add(_last);
        verb.Options.Add(_terms);
        verb.Options.Add(_layers);
        verb.Options.Add(_clip);
        verb.Options.Add(_equalize);
        verb.Options.Add(_leastAgreement);
    }

    /// <summary>Searches formats under a budget of cycles, and tells what was found.</summary>
    /// <exception cref="EbspException">There are no calibration images, the network cannot be quantized, nothing meets the budget, or too
    /// few answers agree.</exception>
    public QuantizationResult Search(Call call, Graph graph, string model, ArchSpec arch, long budgetCycles)
    {
        double? least = LeastAgreement(call);
        ImageSet images = Images(call, graph, model);
        Warn(call, CheckPreprocessing(call, graph, images), model);
        BudgetResult found;
        using (Progress progress = call.StartProgress("search, choices", total: 0))
            found = BudgetSearch.Run(graph, images, Options(call), arch, budgetCycles, progress, call.Cancellation);
        call.Report(BudgetPrinting.Text(found, budgetCycles), "budget", BudgetPrinting.Json(found, budgetCycles));
        Report(call, found.Quantized, images, model, least);
        return found.Quantized;
    }

    /// <summary>Quantizes a float graph, and tells what became of it.</summary>
    /// <exception cref="EbspException">There are no calibration images, the network cannot be quantized, or too few answers
    /// agree.</exception>
    public (QuantizationResult Result, CalibrationQuality? Quality) Run(Call call, Graph graph, string model)
    {
        double? least = LeastAgreement(call);
        // An already quantized network brings its ranges along.
        ImageSet? images = QdqReference.IsQuantized(graph) && _calibration.Path(call) is null ? null : Images(call, graph, model);
        Warn(call, images is null ? [] : CheckPreprocessing(call, graph, images), model);
        QuantizationResult quantized;
        using (Progress progress = call.StartProgress("quantize, tensors", total: 0))
            quantized = Quantizer.Run(graph, images, Options(call), progress, call.Cancellation);
        return (quantized, Report(call, quantized, images, model, least));
    }

    // Before the long step: who reads it may stop there.
    private static Diagnostic[] CheckPreprocessing(Call call, Graph graph, ImageSet images) =>
        PreprocessingCheck.Run(graph, images, cancellation: call.Cancellation) is { } doubt ? [doubt] : [];

    private static CalibrationQuality? Report(Call call, QuantizationResult quantized, ImageSet? images, string model, double? least)
    {
        call.Report(QuantizationPrinting.Text(quantized), QuantizationPrinting.Json(quantized));
        Warn(call, quantized.Warnings, model);
        CalibrationQuality? quality = CalibrationQuality.Of(quantized, images?.Labels);
        if (quality is null)
        {
            if (least is not null)
                throw DiagnosticDescriptors.Usage.Error(model, null,
                    "--min-agreement is for networks with class scores, calibrated on images");
            return null;
        }

        call.Report(["", .. QualityPrinting.Text(quality)], "quality", QualityPrinting.Json(quality));
        Agreement agreement = quality.Agreement;
        bool isRefused = agreement.Share < least;
        if (!isRefused && !quality.IsPoor)
            return quality;
        Diagnostic poor = DiagnosticDescriptors.PoorAgreement.At(model, null, agreement.Same, agreement.Images,
            Quantity.Significant(100 * agreement.Share),
            isRefused ? $", fewer than --min-agreement {Quantity.Significant(least!.Value)}" : "");
        if (isRefused)
            throw new EbspException(poor);
        Warn(call, [poor with { IsWarning = true }], model);
        return quality;
    }

    private double? LeastAgreement(Call call)
    {
        if (call.Get(_leastAgreement) is not { } text)
            return null;
        double least = Fraction.Parse("--min-agreement", text);
        return least is >= 0 and <= 1 ? least
            : throw DiagnosticDescriptors.Usage.Error(null, null, $"--min-agreement '{text}' is not in 0..1");
    }

    private static void Warn(Call call, IEnumerable<Diagnostic> warnings, string model)
    {
        if (call.Result["warnings"] is not JsonArray all)
            call.Result["warnings"] = all = [];
        foreach (Diagnostic warning in warnings)
        {
            call.Note((warning with { File = model }).ToString());
            all.Add((JsonNode)new JsonObject
            {
                ["code"] = warning.Code,
                ["node"] = warning.Node,
                ["cause"] = warning.Cause,
                ["fix"] = warning.Fix,
            });
        }
    }

    /// <summary>The options as part of a program's provenance, canonical.</summary>
    public string Describe(Call call)
    {
        QuantizerOptions options = Options(call);
        string calibration = call.Inputs.FirstOrDefault(input => input.Path == _calibration.Path(call))?.Sha256 ?? "none";
        string layers = string.Concat(
            options.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $" {pair.Key}={pair.Value.Weights?.ToString() ?? "-"},{pair.Value.Activations?.ToString() ?? "-"}"));
        return string.Create(CultureInfo.InvariantCulture,
            $"weights={options.Weights} activations={options.Activations} first={options.First?.ToString() ?? "auto"} " +
                $"last={options.Last?.ToString() ?? "auto"} " +
                $"input-terms={options.InputTerms}{layers}" +
                $"{(options.Clip.Kind == ClipKind.Search ? "" : $" clip={options.Clip}")}{(options.Equalize ? " equalize" : "")}" +
                $" calibration={calibration} count={_calibration.Count(call)}{_calibration.DescribeSize(call)}");
    }

    private ImageSet Images(Call call, Graph graph, string model) =>
        _calibration.Read(call, graph.InputShape, graph.InputChannelsLast) ?? throw DiagnosticDescriptors.NoCalibration.Error(model,
            null, graph.InputShape);

    private QuantizerOptions Options(Call call)
    {
        QuantizerOptions options = new() { First = call.Get(_first), Last = call.Get(_last), InputTerms = call.Get(_terms) };
        return options with
        {
            Weights = call.Get(_weights) ?? options.Weights, Activations = call.Get(_activations) ?? options.Activations,
            Clip = call.Get(_clip), Equalize = call.Get(_equalize),
                Layers = (call.Get(_layers) ?? []).Select(Layer).GroupBy(pair => pair.Name)
                .ToDictionary(group => group.Key, group => group.Last().Formats),
        };
    }

    // NAME=W or NAME=W,A; a name may hold '=' and ','.
    private static (string Name, LayerFormats Formats) Layer(string text)
    {
        int equals = text.LastIndexOf('=');
        string[] formats = equals < 1 ? [] : text[(equals + 1)..].Split(',');
        OperandFormat?[] parsed =
            [.. formats.Select(format => OperandFormat.TryParse(format, out OperandFormat operand) ? operand : (OperandFormat?)null)];
        return parsed.Length is 1 or 2 && parsed.Zip(formats).All(pair => pair.First is not null || pair.Second == "-")
            ? (text[..equals], new LayerFormats(parsed[0], parsed.Length > 1 ? parsed[1] : null))
            : throw DiagnosticDescriptors.Usage.Error(null, "quantize", $"--layer '{text}' is not of the form NAME=8:4 or NAME=8:4,8:4x2");
    }
}
