using System.Globalization;
using System.Text;
using System.Text.Json;
using Ebsp.Json;
using Ebsp.TestKit;
using JsonException = Ebsp.Json.JsonException;

namespace Ebsp.SourceGen.Tests.Json;

[TestClass]
public sealed class JsonReaderTests
{
    private const string Sample =
        """{"ebspModel":1,"file":"d\u00efgits \ud83d\ude00 \"x\" 日本.onnx","on":true,"off":false,"facts":null,"list":[0,-0,-1.5e-3,1E+2,{},[],[[1]], "" ], "deep" : {"a":{"b":[null]}}}""";

    [TestMethod]
    public void Read_OfEveryKind_GivesItsValue()
    {
        JsonValue value = JsonReader.Read(Sample);
        Assert.AreEqual(1, value.Find("ebspModel")!.AsInt64());
        Assert.AreEqual("dïgits 😀 \"x\" 日本.onnx", value.Find("file")!.AsString());
        Assert.IsTrue(value.Find("on")!.AsBoolean());
        Assert.IsFalse(value.Find("off")!.AsBoolean());
        Assert.IsTrue(value.Find("facts")!.IsNull);
        JsonValue list = value.Find("list")!;
        Assert.HasCount(8, list.Items);
        Assert.AreEqual(-1.5e-3, list.Items[2].AsDouble());
        Assert.AreEqual("-1.5e-3", list.Items[2].Text);
        Assert.IsNull(list.Items[3].AsInt64());
        Assert.AreEqual(100.0, list.Items[3].AsDouble());
        Assert.IsNull(value.Find("absent"));
        Assert.IsNull(value.Find("list")!.AsString());
        Assert.AreEqual("file", value.Members[1].Key);
        Assert.AreEqual(Sample.IndexOf('[', StringComparison.Ordinal), list.Position);
    }

    [TestMethod]
    [DataRow("", 0)]
    [DataRow(" ", 1)]
    [DataRow("\uFEFF1", 0)]
    [DataRow("1 2", 2)]
    [DataRow("01", 1)]
    [DataRow("+1", 0)]
    [DataRow(".5", 0)]
    [DataRow("1.", 2)]
    [DataRow("1e", 2)]
    [DataRow("-", 1)]
    [DataRow("NaN", 0)]
    [DataRow("Infinity", 0)]
    [DataRow("tru", 0)]
    [DataRow("True", 0)]
    [DataRow("nulll", 4)]
    [DataRow("'a'", 0)]
    [DataRow("\"a", 2)]
    [DataRow("\"\t\"", 1)]
    [DataRow("\"\\x\"", 1)]
    [DataRow("\"\\u12G4\"", 1)]
    [DataRow("\"\\", 1)]
    [DataRow("\"\\ud800\"", 1)]
    [DataRow("\"\\udc00\\ud800\"", 1)]
    [DataRow("\"\\ud800\\u0041\"", 1)]
    [DataRow("[1,]", 3)]
    [DataRow("[1 2]", 3)]
    [DataRow("[", 1)]
    [DataRow("{\"a\"}", 4)]
    [DataRow("{\"a\":}", 5)]
    [DataRow("{\"a\":1,}", 7)]
    [DataRow("{a:1}", 1)]
    [DataRow("{\"a\":1,\"\\u0061\":2}", 7)]
    [DataRow("{\"a\":1 // x\n}", 7)]
    [DataRow("[1]\0", 3)]
    [DataRow("\0", 0)]
    [DataRow("\u00A01", 0)]
    [DataRow("\u0661", 0)]
    public void Read_OfAnythingButStrictJson_IsRefusedAtItsPlace(string text, int position)
    {
        JsonException error = Assert.ThrowsExactly<JsonException>(() => JsonReader.Read(text));
        Assert.AreEqual(position, error.Position, error.Message);
    }

    [TestMethod]
    public void Read_OfLoneSurrogates_IsRefused()
    {
        // Not as data rows: their text does not survive the way through a test's name.
        string[] texts = ["\"\ud800\"", "\"\udc00\"", "\"\udc00\ud800\"", "\"\ud83d\\ude00\"", "\"\\ud83d\ude00\"", "\"a\ud800"];
        foreach (string text in texts)
            Assert.ThrowsExactly<JsonException>(() => JsonReader.Read(text));
    }

    [TestMethod]
    [DataRow(64, true)]
    [DataRow(65, false)]
    [DataRow(1_000_000, false)]
    public void Read_OfNestedArrays_HasALimit(int depth, bool taken)
    {
        string text = new string('[', depth) + new string(']', depth);
        if (taken)
            Assert.AreEqual(JsonKind.Array, JsonReader.Read(text).Kind);
        else
            Assert.ThrowsExactly<JsonException>(() => JsonReader.Read(text));
    }

    [TestMethod]
    [DataRow("9223372036854775807", 9223372036854775807L)]
    [DataRow("-9223372036854775808", -9223372036854775808L)]
    [DataRow("9223372036854775808", null)]
    [DataRow("1.0", null)]
    [DataRow("1e3", null)]
    public void AsInt64_OfANumber_IsExactOrNull(string text, long? expected) => Assert.AreEqual(expected, JsonReader.Read(text).AsInt64());

    [TestMethod]
    public void AsDouble_OfTooLargeANumber_IsNull() => Assert.IsNull(JsonReader.Read("1e999").AsDouble());

    [TestMethod]
    [DataRow("tr-TR")]
    [DataRow("fa-IR")]
    [DataRow("sv-SE")]
    public void Read_UnderAnyCulture_IsTheSame(string culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.AreEqual(-1234.5, JsonReader.Read("-1234.5").AsDouble());
            Assert.AreEqual(-7, JsonReader.Read("-7").AsInt64());
            Assert.AreEqual("[-7]", new JsonWriter().BeginArray().Value(-7).EndArray().ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void Read_OfMutatedTexts_AgreesWithTheFrameworksReader()
    {
        Random random = new(7);
        const string Units = "\"\\{}[]:,eE+-.019truefalsn \n\t\0/*ud\u2028é'";
        int taken = 0;
        int count = LongMode.Count(20_000, 2_000_000);
        for (int i = 0; i < count; i++)
        {
            StringBuilder text = new(Sample);
            int edits = random.Next(1, 4);
            for (int edit = 0; edit < edits; edit++)
            {
                int at = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0:
                        text[at] = Units[random.Next(Units.Length)];
                        break;
                    case 1:
                        text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at));
                        break;
                    default:
                        text.Insert(at, Units[random.Next(Units.Length)]);
                        break;
                }
            }

            bool mine = Taken(text.ToString());
            Assert.AreEqual(FrameworkTakes(text.ToString()), mine, text.ToString());
            taken += mine ? 1 : 0;
        }

        Assert.IsGreaterThan(count / 10, taken, "the mutations are too strong to try what is taken");
        Assert.IsLessThan(count * 9 / 10, taken);
    }

    [TestMethod]
    public void Write_OfWhatWasRead_ReadsTheSame()
    {
        string written = new JsonWriter().Value(JsonReader.Read(Sample)).ToString();
        Assert.IsTrue(written.All(unit => unit is >= ' ' and <= '~'), written);
        Assert.AreEqual(written, new JsonWriter().Value(JsonReader.Read(written)).ToString());
        Assert.AreEqual("dïgits 😀 \"x\" 日本.onnx", JsonReader.Read(written).Find("file")!.AsString());
        Assert.Contains("\"list\":[0,-0,-1.5e-3,1E+2,{},[],[[1]],\"\"],\"deep\":{\"a\":{\"b\":[null]}}", written);
    }

    [TestMethod]
    public void Write_OfMembers_PutsCommasBetween()
    {
        string written = new JsonWriter().BeginObject().Name("a").Value(1).Name("b").BeginArray().Value("x\u2028\"\\").Value((string?)null)
            .Value(true).EndArray()
            .Name("c").BeginObject().EndObject().Name("d").Value(false).EndObject().ToString();
        Assert.AreEqual("""{"a":1,"b":["x\u2028\"\\",null,true],"c":{},"d":false}""", written);
    }

    private static bool Taken(string text)
    {
        try
        {
            JsonReader.Read(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // The framework's reader takes names twice and, in what was not unescaped yet, surrogates that stand alone: both are looked for.
    private static bool FrameworkTakes(string text)
    {
        try
        {
            using JsonDocument document =
                JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return AllStringsRead(document.RootElement);
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool AllStringsRead(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString() is not null,
        JsonValueKind.Array => element.EnumerateArray().All(AllStringsRead),
        JsonValueKind.Object => element.EnumerateObject().All(member => member.Name.Length >= 0 && AllStringsRead(member.Value)),
        _ => true,
    };
}
