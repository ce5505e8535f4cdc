using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ebsp.FakeCompiler;

/// <summary>
/// Stands in for ebspc where the build task is tested: takes a request of `ebspc batch`, and does with each model what the model's first
/// line says. ok; read FILE (beside the model); fail; silent (an exit code without a diagnostic); garbage; crash; hang; changed (another
/// content than the task saw).
/// </summary>
internal static class Program
{
    private const int Failed = 3;

    private static int Main(string[] arguments)
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        int exit = 0;
        JsonNode request = JsonNode.Parse(File.ReadAllText(arguments[1]))!;
        foreach (JsonNode? call in request["calls"]!.AsArray())
        {
            int ended = Compile((string)call!["id"]!, [.. call["arguments"]!.AsArray().Select(argument => (string)argument!)]);
            exit = exit == 0 ? ended : exit;
        }

        return exit;
    }

    private static int Compile(string id, string[] arguments)
    {
        string model = arguments[1], output = arguments[^1];
        string[] words = (File.ReadLines(model).FirstOrDefault() ?? "").Split(' ');
        JsonArray inputs = [Input(model, words[0] == "changed" ? new string('0', 64) : Hash(model))], diagnostics = [];
        for (int i = 2; i + 1 < arguments.Length; i += 2)
        {
            if (arguments[i] is "--calibration" or "--classes" or "--arch" && File.Exists(arguments[i + 1]))
                inputs.Add(Input(arguments[i + 1], Hash(arguments[i + 1])));
        }

        switch (words[0])
        {
            case "read":
                string other = Path.Combine(Path.GetDirectoryName(model)!, words[1]);
                inputs.Add(Input(other, Hash(other)));
                break;
            case "fail":
                diagnostics.Add(new JsonObject { ["severity"] = "error", ["code"] = "EBSP1002", ["file"] = model, ["node"] = null,
                    ["cause"] = "this is {no} möde;l.", ["fix"] = "Give another." });
                break;
            case "garbage":
                Console.WriteLine("error: this is no JSON");
                break;
            case "crash":
                Console.Error.WriteLine("out of luck");
                Environment.Exit(137);
                break;
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                break;
        }

        int exit = words[0] is "fail" or "silent" ? Failed : 0;
        if (exit == 0)
        {
            byte[] program = Encoding.UTF8.GetBytes(
                string.Join('\n', arguments.Skip(2).SkipLast(1).Select(Path.GetFileName)) + "\n" + File.ReadAllText(model));
            File.WriteAllBytes(output, program);
            if (Array.IndexOf(arguments, "--report") is > 0 and int report)
                File.WriteAllText(arguments[report + 1], "layer,cycles\nconv,7\n");
        }

        JsonObject facts = new() { ["source"] = Path.GetFileName(model), ["digest"] = Hash(model), ["bytes"] = 12_345,
            ["machine"] = new JsonObject { ["rows"] = 66, ["columns"] = 73, ["clockHz"] = 500_000_000 }, ["cycles"] = 2_486,
            ["utilization"] = 0.0512 };
        JsonObject line = new() { ["id"] = id, ["schema"] = "ebspc/1", ["exitCode"] = exit, ["inputs"] = inputs, ["result"] = exit == 0
            ? new JsonObject { ["model"] = facts }
            : [], ["diagnostics"] = diagnostics };
        Console.Out.Write(line.ToJsonString(
            new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        Console.Out.Flush();
        return exit;
    }

    private static JsonObject Input(string path, string hash) => new() { ["file"] = path, ["sha256"] = hash };

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
