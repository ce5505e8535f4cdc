using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Files;

namespace Ebsp.Evaluation.Sweeps;

/// <summary>
/// A sweep on disk: plan.json and one file a finished point. There is no lock and no other state: a file is written beside its place and
/// renamed, so any number of processes on any number of machines may work on one folder of a shared file system.
/// </summary>
internal sealed class SweepFolder
{
    private const string Schema = "ebspc-lab-plan/1", PlanFile = "plan.json", PointsFolder = "points";

    private readonly string _path;

    private SweepFolder(string path, ImmutableArray<SweepPoint> points) => (_path, Points) = (path, points);

    /// <summary>The points, in the plan's order.</summary>
    public ImmutableArray<SweepPoint> Points { get; }

    /// <summary>The bytes of a plan: the same points give the same bytes, whatever the order of their parts.</summary>
    public static byte[] Plan(IEnumerable<SweepPoint> points) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schema"] = Schema,
        ["tool"] = Tool.ToolVersion.Full,
        ["points"] = new JsonArray([.. points.Select(point =>
        {
            JsonObject json = point.ToJson();
            json.Insert(0, "id", point.Id);
            return json;
        })]),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");

    /// <summary>Writes a plan into a folder, which is made; the same plan may be there already.</summary>
    /// <exception cref="EbspException">EBSP8006: the folder holds another plan.</exception>
    public static void Create(string path, byte[] plan)
    {
        string file = Path.Combine(path, PlanFile);
        if (File.Exists(file))
        {
            if (!FileBytes.Read(file).AsSpan().SequenceEqual(plan))
                throw DiagnosticDescriptors.OtherSweep.Error(path, null, "it holds another plan, or one of another version of the tool");
            return;
        }

        Directory.CreateDirectory(Path.Combine(path, PointsFolder));
        AtomicFile.Write(file, plan);
    }

    /// <summary>Opens a folder with a plan.</summary>
    /// <exception cref="EbspException">EBSP8006: there is none, or one of another version; EBSP1001: it cannot be read.</exception>
    public static SweepFolder Open(string path)
    {
        string file = Path.Combine(path, PlanFile);
        if (!File.Exists(file))
            throw DiagnosticDescriptors.OtherSweep.Error(path, null, "it holds no plan; `ebspc lab sweep plan` makes one");
        try
        {
            JsonNode plan = JsonNode.Parse(FileBytes.Read(file))!;
            if ((string?)plan["schema"] != Schema || (string?)plan["tool"] != Tool.ToolVersion.Full)
            {
                throw DiagnosticDescriptors.OtherSweep.Error(path, null,
                    $"it was planned by {(string?)plan["tool"] ?? "another tool"}, and this is {Tool.ToolVersion.Full}");
            }

            ImmutableArray<SweepPoint> points = [.. plan["points"]!.AsArray().Select(point => SweepPoint.Of(point!))];
            if (!points.Select(point => point.Id).SequenceEqual(plan["points"]!.AsArray().Select(point => (string)point!["id"]!)))
                throw DiagnosticDescriptors.OtherSweep.Error(path, null, "its plan was changed by hand: ids and points differ");
            return new SweepFolder(path, points);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException
            or ArgumentException)
        {
            throw DiagnosticDescriptors.OtherSweep.Error(path, null, $"its plan is damaged: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The points of a shard: every N-th one from i on.</summary>
    public IEnumerable<SweepPoint> Of(Shard shard) => Points.Where((_, i) => i % shard.Count == shard.Index);

    /// <summary>The result of a point; null if there is none, or none that is valid.</summary>
    public SweepResult? Find(SweepPoint point)
    {
        string file = FileOf(point);
        return File.Exists(file) ? SweepResult.Parse(point, FileBytes.Read(file)) : null;
    }

    /// <summary>Whether a file is there that is no valid result of its point.</summary>
    public bool IsDamaged(SweepPoint point) => File.Exists(FileOf(point)) && Find(point) is null;

    /// <summary>Keeps a result. Where another process was faster with the same bytes nothing is written.</summary>
    /// <returns>Whether the result was there already.</returns>
    /// <exception cref="EbspException">EBSP8007: another valid result is there; EBSP1011: it cannot be written.</exception>
    public bool Keep(SweepPoint point, SweepResult result)
    {
        byte[] content = result.ToFile(point);
        if (Find(point) is { } other)
        {
            return other.ToFile(point).AsSpan().SequenceEqual(content) ? true
                : throw DiagnosticDescriptors.SweepConflict.Error(_path, null, point.Id);
        }

        Directory.CreateDirectory(Path.Combine(_path, PointsFolder));
        AtomicFile.Write(FileOf(point), content);
        return false;
    }

    private string FileOf(SweepPoint point) => Path.Combine(_path, PointsFolder, point.Id + ".json");
}
