using Ebsp.Compiler.Diagnostics;
using Ebsp.Evaluation.Sweeps;

namespace Ebsp.Evaluation.Tests.Sweeps;

[TestClass]
public sealed class ShardTests
{
    [TestMethod]
    [DataRow(null, null, "", 0, 1)]
    [DataRow("3/8", null, "", 3, 8)]
    [DataRow("3/8", null, "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=2", 3, 8)]
    [DataRow(null, null, "SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=0", 1, 2)]
    [DataRow(null, null, "SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=1", 7, 8)]
    [DataRow(null, 8, "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=0", 5, 8)]
    [DataRow(null, 4, "JOB_COMPLETION_INDEX=2", 2, 4)]
    public void Of_ACall_IsItsShard(string? text, int? shards, string environment, int index, int count) =>
        Assert.AreEqual(new Shard(index, count), Shard.Of(text, shards, Variables(environment)));

    [TestMethod]
    [DataRow("8/8", null, "")]
    [DataRow("-1/8", null, "")]
    [DataRow("1", null, "")]
    [DataRow("a/b", null, "")]
    [DataRow(null, 4, "")]
    [DataRow(null, null, "JOB_COMPLETION_INDEX=2")]
    [DataRow(null, 2, "JOB_COMPLETION_INDEX=2")]
    [DataRow(null, null, "SLURM_ARRAY_TASK_ID=2")]
    [DataRow(null, null, "SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_COUNT=2")]
    public void Of_WrongCall_IsRefused(string? text, int? shards, string environment) =>
        Assert.AreEqual("EBSP8005", Assert.ThrowsExactly<EbspException>(() => Shard.Of(text, shards,
            Variables(environment))).Diagnostics[0].Code);

    private static Func<string, string?> Variables(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(each => each.Split('=')).ToDictionary(each => each[0], each => each[1]);
        return name => variables.GetValueOrDefault(name);
    }
}
