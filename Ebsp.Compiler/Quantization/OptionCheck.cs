using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Quantization;

/// <summary>Whether options name formats that exist and layers of the graph.</summary>
internal static class OptionCheck
{
    /// <exception cref="EbspException">EBSP2012, all offences.</exception>
    public static void Check(QuantizerOptions options, Graph graph)
    {
        List<Diagnostic> found = [];
        if (graph.IsInteger)
            Report("the network is quantized already");
        Format("weights", options.Weights);
        Format("activations", options.Activations);
        Format("the first layer", options.First);
        Format("the last layer", options.Last);
        if (options.Weights.PatternLength == 0 && options.Weights.Bits < 2)
            Report("weights need a sign");
        if (options.InputTerms is not (1 or 2))
            Report(FormattableString.Invariant($"{options.InputTerms} input terms"));
        if (options.SkipBits is not (8 or 16))
            Report(FormattableString.Invariant($"{options.SkipBits} bits for tensors that are added"));
        if (!options.Clip.IsValid)
            Report($"the clip {options.Clip}");
        if (options.Threads < 1)
            Report(FormattableString.Invariant($"{options.Threads} threads"));
        foreach ((string name, LayerFormats formats) in options.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!graph.Nodes.Any(node => node.Name == name && node.Op is Conv or FullyConnected))
                Report($"no layer with weights is named '{name}'");
            Format(name, formats.Weights);
            Format(name, formats.Activations);
        }

        if (found.Count != 0)
            throw new EbspException(found);

        void Format(string what, OperandFormat? format)
        {
            if (format is { IsValid: false })
                Report($"{what}: there is no format {format}");
        }

        void Report(string cause) => found.Add(DiagnosticDescriptors.BadQuantizerOption.At(null, null, cause));
    }
}
