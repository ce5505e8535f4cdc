using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Mime;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests;

/// <summary>samples/WebClassifier over HTTP.</summary>
[TestClass]
public sealed partial class WebClassifierTests
{
    private const int Pixels = 64;
    private static WebClassifierServer Server = null!;

    [ClassInitialize]
    public static void Start(TestContext context) => Server = new WebClassifierServer();

    [ClassCleanup]
    public static void Stop() => Server.Dispose();

    [TestMethod]
    public async Task Classify_HeldOutDigits_GivesTheScoresOfEbspcRun()
    {
        const int count = 20;
        using TemporaryFolder folder = new();
        string scores = folder.File("scores.npy");
        Ebspc.Run("run", folder.Write("digits.ebsp", DigitsModel.Program), "--input", DigitsModel.HeldOut, "--count", $"{count}", "-o",
            scores).Expect(0);
        float[] expected = (float[])NpyFile.Read(scores).Data;
        ImageSet digits = DataReader.Read(DigitsModel.HeldOut, new DataOptions { Count = count });

        // All at the same time, of one instance of the model.
        JsonObject[] answers = await Task.WhenAll(Enumerable.Range(0, count).Select(n => ClassifyAsync(digits.PixelsOf(n).ToArray())));
        for (int n = 0; n < count; n++)
        {
            float[] own = [.. answers[n]["classes"]!.AsArray().Select(entry => (float)entry!["score"]!)];
            CollectionAssert.AreEqual(expected[(n * own.Length)..((n + 1) * own.Length)], own, $"image {n}");
            Assert.AreEqual(Array.IndexOf(own, own.Max()), (int)answers[n]["best"]!);
        }
    }

    [TestMethod]
    public async Task Classify_Time_IsThatOfEbspcRun()
    {
        using TemporaryFolder folder = new();
        JsonObject expected = Ebspc.Run("run", folder.Write("digits.ebsp", DigitsModel.Program), "--timing", "cycles", "--json")
            .Expect(0).Json["result"]!["timing"]!.AsObject();
        JsonObject time = (await ClassifyAsync(new byte[Pixels]))["time"]!.AsObject();
        Assert.AreEqual((long)expected["cycles"]!, (long)time["cycles"]!);
        Assert.AreEqual((double)expected["utilization"]!, (double)time["utilization"]!);
        Assert.AreEqual((long)time["cycles"]! / (double)time["clockMHz"]!, (double)time["microseconds"]!, 1e-9);
        JsonObject[] layers =
            [.. expected["layers"]!.AsArray().Select(layer => layer!.AsObject()).Where(layer => (string?)layer["layer"] != "(rest)")];
        JsonObject[] shown = [.. time["layers"]!.AsArray().Select(layer => layer!.AsObject())];
        CollectionAssert.AreEqual(layers.Select(layer => (string?)layer["layer"]).ToArray(),
            shown.Select(layer => (string?)layer["name"]).ToArray());
        CollectionAssert.AreEqual(layers.Select(layer => (long)layer["spanCycles"]!).ToArray(),
            shown.Select(layer => (long)layer["cycles"]!).ToArray());
        CollectionAssert.AreEqual(layers.Select(layer => (double)layer["utilization"]!).ToArray(),
            shown.Select(layer => (double)layer["utilization"]!).ToArray());
    }

    [TestMethod]
    [DataRow(0, false, HttpStatusCode.BadRequest)]
    [DataRow(Pixels - 1, false, HttpStatusCode.BadRequest)]
    [DataRow(Pixels - 1, true, HttpStatusCode.BadRequest)]
    [DataRow(Pixels, false, HttpStatusCode.OK)]
    [DataRow(Pixels, true, HttpStatusCode.OK)]
    [DataRow(Pixels + 1, false, HttpStatusCode.RequestEntityTooLarge)]
    [DataRow(Pixels + 1, true, HttpStatusCode.RequestEntityTooLarge)]
    [DataRow(5000, true, HttpStatusCode.RequestEntityTooLarge)]
    [DataRow(50_000_000, false, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Classify_OfALength_IsAnsweredOrRefused(int length, bool chunked, HttpStatusCode status)
    {
        using HttpResponseMessage response = await PostAsync(new byte[length], MediaTypeNames.Application.Octet, chunked);
        Assert.AreEqual(status, response.StatusCode);
        if (status == HttpStatusCode.OK)
            return;
        JsonObject problem = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.AreEqual(MediaTypeNames.Application.ProblemJson, response.Content.Headers.ContentType!.MediaType);
        Assert.AreEqual((int)status, (int)problem["status"]!);
        Assert.Contains($"{Pixels}", (string)problem["detail"]!);
    }

    [TestMethod]
    public async Task Classify_OtherType_IsRefused()
    {
        using HttpResponseMessage response = await PostAsync(new byte[Pixels], MediaTypeNames.Text.Plain, chunked: false);
        Assert.AreEqual(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.AreEqual(MediaTypeNames.Application.ProblemJson, response.Content.Headers.ContentType!.MediaType);
    }

    [TestMethod]
    public async Task Model_Shape_IsThatOfTheNetwork()
    {
        JsonObject model = (await Server.Client.GetFromJsonAsync<JsonObject>("model"))!;
        JsonObject input = model["input"]!.AsObject();
        CollectionAssert.AreEqual(new[] { 1, 8, 8, 16, Pixels },
            new[] { "channels", "height", "width", "pixelMaximum", "bytes" }.Select(name => (int)input[name]!).ToArray());
        Assert.AreEqual("66 x 73", (string?)model["machine"]);
    }

    [TestMethod]
    public async Task Page_AllItsFiles_AreOfThisServerAndAllowed()
    {
        string page = await GetAsync("", MediaTypeNames.Text.Html);
        Assert.DoesNotContain("<style", page);
        Assert.IsEmpty(InlineCode().Matches(page).Select(match => match.Value).ToArray());
        string[] files = [.. Reference().Matches(page).Select(match => match.Groups[1].Value).Where(file => !file.StartsWith('#'))];
        // The one link that leads away is a link to follow, no file of the page.
        CollectionAssert.AreEquivalent(new[] { "favicon.svg", "style.css", "app.js", "https://creativecommons.org/licenses/by/4.0/" },
            files);
        foreach (string file in (string[])["favicon.svg", "style.css", "app.js", "pad.js", "pixels.js"])
            Assert.DoesNotContain("//",
                Comment().Replace(await GetAsync(file, null), "").Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal),
                file);
    }

    [TestMethod]
    public async Task Examples_OfThePage_AreHeldOutDigits()
    {
        ImageSet digits = DataReader.Read(DigitsModel.HeldOut);
        JsonObject examples = (await Server.Client.GetFromJsonAsync<JsonObject>("examples.json"))!;
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(digit => $"{digit}").ToArray(),
            examples.Select(example => example.Key).ToArray());
        foreach ((string digit, JsonNode? text) in examples)
        {
            byte[] pixels = [.. ((string)text!).Split(' ').Select(byte.Parse)];
            Assert.Contains(n => digits.Labels![n] == int.Parse(digit, null) && digits.PixelsOf(n).SequenceEqual(pixels),
                Enumerable.Range(0, digits.Count), digit);
            Assert.AreEqual(digit, $"{(await ClassifyAsync(pixels))["best"]}");
        }
    }

    private static async Task<string> GetAsync(string path, string? type)
    {
        using HttpResponseMessage response = await Server.Client.GetAsync(path);
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, path);
        if (type is not null)
            Assert.AreEqual(type, response.Content.Headers.ContentType!.MediaType, path);
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.AreEqual("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<JsonObject> ClassifyAsync(byte[] pixels)
    {
        using HttpResponseMessage response = await PostAsync(pixels, MediaTypeNames.Application.Octet, chunked: false);
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private static async Task<HttpResponseMessage> PostAsync(byte[] body, string type, bool chunked)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "classify") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = chunked;
        // The server's refusal comes before the body goes out.
        request.Headers.ExpectContinue = true;
        return await Server.Client.SendAsync(request);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("""<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:""")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"(^|\s)//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
