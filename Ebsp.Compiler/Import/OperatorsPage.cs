using System.Globalization;
using System.Text;
using Ebsp.Compiler.Import.ConstantFolding;

namespace Ebsp.Compiler.Import;

/// <summary>docs/operators.md, made from the tables of operators.</summary>
public static class OperatorsPage
{
    /// <summary>Tests of ONNX whose operators and types are claimed and pass, of 275; a test holds the number.</summary>
    public const int ClaimedTests = 275;

    /// <summary>Tests of ONNX that map and pass as a network of one image at a time; a test holds the number.</summary>
    public const int MappedTests = 161;

    /// <summary>The page as Markdown, lines ended by \n.</summary>
    public static string Write()
    {
        StringBuilder page = new();
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""
            # ONNX operators

            What `ebspc import` reads, of the domain ai.onnx, operator sets {OnnxOperators.MinOpset} to {OnnxOperators.MaxOpset}. This
            page is generated from the tables in `Ebsp.Compiler/Import`; a test compares the two. How to export a network:
            docs/exports.md.

            - A model has one input and up to 1,024 outputs, which keep their names. The input is float32, or float16 or float64, which
              are read as float32, or of integers that are cast to one of these first thing. One axis, mostly the first, is the batch N,
              which may have any size. The others are known: N x C x H x W, N x H x W x C, N x C x W (a map of one row), N x W x C, N x F,
              or more axes where every operator works value by value. Rows and columns may be open where `--size HxW` (item metadata
              `Size`) says them.
            - Which axes are channels, rows and columns the layers say that read them: transpositions, reshapes, squeezes and flattenings
              are bookkeeping, they cancel or end in the weights of the layer behind them. The graph is C, H, W at both ends, whatever the
              model has; pictures are given as they are, and arrays in the order of the model or of the graph. Channels that are read
              pixel after pixel, as the heads of detectors are (N x boxes x numbers), become a row of pixels: numbers x 1 x boxes.
            - What ends an output is the host's work, in double: Softmax, LogSoftmax, ArgMax and LpNormalization over the channels,
              Sigmoid, Exp.
            - Nodes that are a function of one value, and constants between them, become one table, however many they are: x * sigmoid(x),
              x * tanh(softplus(x)), x * clip(x + 3, 0, 6) / 6.

            - A node maps if its inputs and attributes have the forms named below; it becomes operations of the graph (docs/ir.md). An
              attribute that is not looked at is a reason to refuse. Everything that does not map is refused, all offending nodes at once
              and grouped, with their names, the operator set and the forms that would map.
            - A node whose inputs are all constants is computed when the model is read, in the types named below: shapes, weights, scales.
              At most 2^28 elements and 2^33 steps of work are spent on one model. The size of the batch stays open: it may be moved
              (Shape, Gather, Concat, ...) and not calculated with.
            - Weights may lie in files beside the model (external data): below its folder, no symbolic links, at most 1 GiB a file and 2
              GiB in all. They are part of the hash of the source.

            ## ONNX's own tests

            Of the 275 backend tests of the data folder, {ClaimedTests} have all their operators and types in the table below: all of them
            pass, computed node by node (1e-4 + 2e-3 |a|, NaN equals NaN). At least {MappedTests} of them also map to the graph of the
            compiler and pass there, with the inputs behind the first as constants. A test holds both numbers.

            ## Operators

            | operator | from set | becomes | forms that map | of constants: types |
            | --- | ---: | --- | --- | --- |

            """).ReplaceLineEndings("\n"));
        foreach (string type in OnnxOperators.All.Keys.Union(OnnxEvaluators.All.Keys).Order(StringComparer.Ordinal))
        {
            OnnxOperator? op = OnnxOperators.All.GetValueOrDefault(type);
            OnnxEvaluator? evaluator = OnnxEvaluators.All.GetValueOrDefault(type);
            string becomes = op is null ? "-" : op.Becomes ?? type, form = op?.Form ?? "constants alone";
            page.Append(CultureInfo.InvariantCulture,
                $"| {type} | {evaluator?.Since ?? OnnxOperators.MinOpset} | {becomes} | {form} | {Types(evaluator)} |\n");
        }

        page.Append("\n## Instead of\n\nWhat the refusal of some other operators names:\n\n| operator | nearest supported |\n| --- | " +
            "--- |\n");
        foreach ((string type, string instead) in NearestForms.All)
        {
            if (!OnnxOperators.All.ContainsKey(type))
                page.Append(CultureInfo.InvariantCulture, $"| {type} | {instead} |\n");
        }

        return page.ToString();
    }

    private static string Types(OnnxEvaluator? evaluator)
    {
        if (evaluator is null)
            return "-";
        (ElementType[] Types, string Name)[] groups =
            [(ElementTypes.All, "any"), (ElementTypes.Numbers, "floats, integers"), (ElementTypes.Floats, "floats")];
        List<string> names = [];
        ElementType[] left = evaluator.Types;
        foreach ((ElementType[] types, string name) in groups)
        {
            if (left.Length == 0 || types.Except(left).Any())
                continue;
            names.Add(name);
            left = [.. left.Except(types)];
        }

        return string.Join(", ", [.. names, .. left.Select(type => type.Name())]);
    }
}
