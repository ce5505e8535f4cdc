using System.Diagnostics;
using System.Text.Json.Nodes;
using Ebsp.Cli;
using Ebsp.Tool;

namespace Ebsp.TestKit.Calling;

/// <summary>What a call of ebspc gave.</summary>
public sealed record CliResult(int Exit, string Out, string Error)
{
    /// <summary>The envelope of a call with --json, which must follow the published schema.</summary>
    public JsonObject Json
    {
        get
        {
            JsonObject envelope = JsonNode.Parse(Out)!.AsObject();
            Assert.IsNull(Ebspc.Schema.Check(envelope), "docs/schema/ebspc-1.schema.json");
            return envelope;
        }
    }

    /// <summary>Fails the test unless the call ended with a code.</summary>
    public CliResult Expect(int exit)
    {
        Assert.AreEqual(exit, Exit, $"out: {Out}\nerror: {Error}");
        return this;
    }
}

/// <summary>Calls ebspc, in this process or in one of its own.</summary>
public static class Ebspc
{
    /// <summary>The published schema of --json.</summary>
    public static JsonSchema Schema { get; } =
        new(JsonNode.Parse(File.ReadAllText(TestData.Repository("docs/schema/ebspc-1.schema.json")))!.AsObject());

    /// <summary>In this process.</summary>
    public static CliResult Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exit = CommandLine.Run(args, new Terminal(output, error, ShowProgress: false, CancellationToken.None));
        return new CliResult(exit, output.ToString(), error.ToString());
    }

    /// <summary>Starts a process of its own.</summary>
    public static Process Start(params string[] args) => Start(null, null, args);

    /// <summary>In a process of its own.</summary>
    public static CliResult RunProcess(params string[] args) => Finish(Start(args));

    /// <summary>In a process of its own, with ICU and a culture, which ebspc by itself has switched off.</summary>
    public static CliResult RunCulture(string culture, params string[] args)
    {
        using TemporaryFolder folder = new();
        string own = Path.ChangeExtension(typeof(CommandLine).Assembly.Location, ".runtimeconfig.json");
        string config = folder.File("culture.runtimeconfig.json");
        File.WriteAllText(config,
            File.ReadAllText(own)
            .Replace("\"System.Globalization.Invariant\": true", "\"System.Globalization.Invariant\": false", StringComparison.Ordinal));
        return Finish(Start(config, culture, args));
    }

    private static Process Start(string? runtimeConfig, string? culture, params string[] args)
    {
        ProcessStartInfo start =
            new("dotnet", ["exec", .. runtimeConfig is null ? (string[])[] : ["--runtimeconfig", runtimeConfig],
            typeof(CommandLine).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (culture is not null)
            start.Environment["LC_ALL"] = culture;
        return Process.Start(start)!;
    }

    private static CliResult Finish(Process process)
    {
        using Process ended = process;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliResult(process.ExitCode, output, error.Result);
    }
}
