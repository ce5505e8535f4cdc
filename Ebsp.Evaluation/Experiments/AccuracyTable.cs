using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;
using Ebsp.Evaluation.Costs;

namespace Ebsp.Evaluation.Experiments;

/// <summary>An accuracy that somebody measured.</summary>
/// <param name="Network">Network and data set.</param>
/// <param name="Format">B-bit(k), or <c>float</c>.</param>
/// <param name="Accuracy">Percent of the images.</param>
/// <param name="Source">How it was measured.</param>
internal sealed record MeasuredAccuracy(string Network, string Format, double Accuracy, string Source);

/// <summary>Measured accuracies: the laboratory trains nothing, it sets them beside cycles and energy.</summary>
/// <param name="Rows">All of them, in the file's order.</param>
internal sealed record AccuracyTable(ImmutableArray<MeasuredAccuracy> Rows)
{
    private const string Heading = "network,format,accuracy,source";

    /// <summary>None measured.</summary>
    public static AccuracyTable Empty { get; } = new([]);

    /// <summary>Reads a CSV file with the heading <c>network,format,accuracy,source</c>, accuracy in percent.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EbspException">EBSP8004: the file is no such table; EBSP1001: it cannot be read.</exception>
    public static AccuracyTable Read(string path)
    {
        string[] lines = [.. Encoding.UTF8.GetString(FileBytes.Read(path)).Split('\n').Select(line => line.TrimEnd('\r'))];
        if (lines[0].TrimStart('\uFEFF') != Heading)
            throw Bad(0, $"the heading must be '{Heading}'");
        return new AccuracyTable([.. lines.Index().Skip(1).Where(line => line.Item.Length > 0).Select(line => Row(line.Index, line.Item))]);

        MeasuredAccuracy Row(int index, string line)
        {
            string[] cells = Csv.Split(line);
            return cells.Length == 4 && double.TryParse(cells[2], NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy)
                && accuracy is >= 0 and <= 100
                ? new MeasuredAccuracy(cells[0], cells[1], accuracy, cells[3])
                : throw Bad(index, "it must have a network, a format, an accuracy in 0..100 % and a source");
        }

        EbspException Bad(int index, string cause) => DiagnosticDescriptors.BadLabTable.Error(path, null,
            string.Create(CultureInfo.InvariantCulture, $"line {index + 1}: {cause}"));
    }

    /// <summary>Mean over the networks that have a format; null if none has.</summary>
    /// <param name="format">B-bit(k).</param>
    public double? Mean(string format) =>
        Rows.Where(row => row.Format == format).Select(row => (double?)row.Accuracy).Average();

    /// <summary>The accuracy of a network in a format; null if it was not measured.</summary>
    /// <param name="network">Network as the table has it.</param>
    /// <param name="format">B-bit(k).</param>
    public double? Of(string network, string format) =>
        Rows.FirstOrDefault(row => row.Network == network && row.Format == format)?.Accuracy;

    /// <summary>Accuracies beside that in float of the same network.</summary>
    public ExperimentTable ToTable() => new("accuracy", "Measured accuracy",
        [
            new("network", "", "network and data set"), new("format", "", "B-bit(k), or float"),
            new("accuracy", "%", "images whose best class is the labeled one", "0.00"),
            new("difference", "points", "accuracy - that in float of the same network", "+0.00;-0.00"),
            new("source", "", "how it was measured"),
        ],
        [.. Rows.Select(row => (ImmutableArray<object?>)
            [row.Network, row.Format, row.Accuracy,
                Rows.FirstOrDefault(other => other.Network == row.Network && other.Format == "float") is { } real
                    ? row.Accuracy - real.Accuracy : null,
                row.Source])],
        [
            "Paper, loss against 16-bit integers: 0.31 % (6-bit(3)) and 0.13 % (5-bit(3)) on ImageNet, about 0 on CIFAR-10; below 0.8 % " +
                "in the abstract. It does not name the networks.",
        ]);
}
