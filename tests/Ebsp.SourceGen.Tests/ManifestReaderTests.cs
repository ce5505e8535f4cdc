using System.Globalization;
using System.Text;
using Ebsp.SourceGen.Tests.Kit;
using Ebsp.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Ebsp.SourceGen.Tests;

[TestClass]
public sealed class ManifestReaderTests
{
    private static readonly SampleManifest Sample = new();

    [TestMethod]
    [DataRow("\"ebspModel\":1", "\"ebspModel\":2", "EBSP6102", "version 2,")]
    [DataRow("\"ebspModel\":1", "\"ebspModel\":\"1\"", "EBSP6102", "version of another kind,")]
    [DataRow("\"ebspModel\":1,", "", "EBSP6101", "'ebspModel' is missing")]
    [DataRow("\"file\":\"digits.onnx\"", "\"file\":\"\"", "EBSP6101", "'file' is empty")]
    [DataRow("\"file\":\"digits.onnx\"", "\"file\":3", "EBSP6101", "'file' is no string")]
    [DataRow("\"access\":\"internal\"", "\"access\":\"private\"", "EBSP6101", "'access' is not one of internal, public")]
    [DataRow("\"load\":\"embedded\"", "\"load\":\"Embedded\"", "EBSP6101", "'load' is not one of embedded, file")]
    [DataRow("\"designTime\":false", "\"designTime\":0", "EBSP6101", "'designTime' is neither true nor false")]
    [DataRow("\"digest\":\"00", "\"digest\":\"0G", "EBSP6101", "'digest' is not 64 hexadecimal digits")]
    [DataRow("\"digest\":\"00", "\"digest\":\"0", "EBSP6101", "'digest' is not 64 hexadecimal digits")]
    [DataRow("\"channels\":1,", "\"channels\":0,", "EBSP6101", "'channels' is no whole number of 1 to 2147483647")]
    [DataRow("\"channels\":1,", "\"channels\":2147483648,", "EBSP6101", "'channels' is no whole number of 1 to 2147483647")]
    [DataRow("\"height\":8,", "\"height\":8.0,", "EBSP6101", "'height' is no whole number of 1 to 2147483647")]
    [DataRow("\"cycles\":2486", "\"cycles\":-1", "EBSP6101", "'cycles' is no whole number of 0 or more")]
    [DataRow("\"scale\":0.00392156862745098", "\"scale\":0", "EBSP6101", "'scale' is no finite number above 0")]
    [DataRow("\"scale\":0.00392156862745098", "\"scale\":-1", "EBSP6101", "'scale' is no finite number above 0")]
    [DataRow("\"scale\":0.00392156862745098", "\"scale\":1e999", "EBSP6101", "'scale' is no finite number above 0")]
    [DataRow("\"scale\":0.00392156862745098", "\"scale\":1e-999", "EBSP6101", "'scale' is no finite number above 0")]
    [DataRow("\"transform\":\"softmax\"", "\"transform\":\"tanh\"", "EBSP6101",
        "'transform' is not one of none, softmax, log-softmax, arg-max, sigmoid, exp, normalize-1, normalize-2")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"class\"", "EBSP6103", "digits.onnx: the class's name 'class' is a keyword of C#")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"record\"", "EBSP6103", "the class's name 'record' is a word of C#")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"extension\"", "EBSP6103", "the class's name 'extension' is a word of C#")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"Load\"", "EBSP6103",
        "the class's name 'Load' is the name of one of the class's own members")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"A-B\"", "EBSP6103", "the class's name 'A-B' is no C# identifier")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"2A\"", "EBSP6103", "the class's name '2A' is no C# identifier")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"@A\"", "EBSP6103", "the class's name '@A' is no C# identifier")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"\"", "EBSP6103", "the class's name '' is no C# identifier")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"A\\u200dB\"", "EBSP6103",
        "the class's name 'A\\u200DB' holds an invisible character")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"A\\u3164\"", "EBSP6103", "the class's name 'A\\u3164' holds an invisible character")]
    [DataRow("\"class\":\"DigitsModel\"", "\"class\":\"A\\ud835\\udc00\"", "EBSP6103",
        "the class's name 'A\\uD835\\uDC00' is no C# identifier")]
    [DataRow("\"namespace\":\"Digits\"", "\"namespace\":\"A..B\"", "EBSP6103", "the namespace 'A..B' is no C# identifier")]
    [DataRow("\"namespace\":\"Digits\"", "\"namespace\":\".A\"", "EBSP6103", "the namespace '.A' is no C# identifier")]
    [DataRow("\"namespace\":\"Digits\"", "\"namespace\":\"my.class\"", "EBSP6103", "the namespace 'my.class' is a keyword of C#")]
    [DataRow("\"namespace\":\"Digits\"", "\"namespace\":\"A { } class Evil { } namespace B\"", "EBSP6103", "is no C# identifier")]
    [DataRow("\"namespace\":\"Digits\"", "\"namespace\":\"Ebsp.Emulator.Models.EbspModel\"", "EBSP6103",
        "lies in a namespace with the name of a type that generated code refers to")]
    [DataRow("\"namespace\":\"Digits\",\"class\":\"DigitsModel\"", "\"namespace\":\"\",\"class\":\"System\"", "EBSP6103",
        "the class 'System' hides a name that generated code refers to")]
    [DataRow("\"namespace\":\"Digits\",\"class\":\"DigitsModel\"", "\"namespace\":\"Ebsp\",\"class\":\"Emulator\"", "EBSP6103",
        "the class 'Ebsp.Emulator' hides a name that generated code refers to")]
    [DataRow("\"namespace\":\"Digits\",\"class\":\"DigitsModel\"", "\"namespace\":\"Ebsp.Emulator.Models\",\"class\":\"ModelBlob\"",
        "EBSP6103", "hides a name that generated code refers to")]
    [DataRow("\"resource\":\"ebsp.", "\"resource\":\"a b.", "EBSP6101", "'resource' holds a character")]
    [DataRow("\"resource\":\"ebsp.", "\"resource\":\"a/", "EBSP6101", "'resource' holds a character")]
    [DataRow("\"load\":\"embedded\",\"resource\":\"", "\"load\":\"file\",\"resource\":\"../", "EBSP6101",
        "'resource' is no path below the application")]
    [DataRow("\"load\":\"embedded\",\"resource\":\"", "\"load\":\"file\",\"resource\":\"/", "EBSP6101",
        "'resource' is no path below the application")]
    [DataRow("\"load\":\"embedded\",\"resource\":\"", "\"load\":\"file\",\"resource\":\"C:", "EBSP6101", "'resource' holds a character")]
    [DataRow("\"facts\":{", "\"facts\":[{", "EBSP6101", "a comma or the array's end is missing")]
    [DataRow("\"facts\":{\"", "\"facts\":{\"file\":1,\"file\":2,\"", "EBSP6101", "a name occurs twice in one object")]
    public void Read_OfAChangedManifest_IsRefused(string old, string changed, string code, string cause)
    {
        string json = Sample.Json();
        Assert.Contains(old, json);
        string text = json.Replace(old, changed, StringComparison.Ordinal);
        GeneratorRunResult result = Generators.Run([new ManifestText(Sample.Path, text)]);
        Assert.IsEmpty(result.GeneratedSources);
        Diagnostic found = result.Diagnostics.Single();
        Assert.AreEqual(code, found.Id);
        Assert.AreEqual(DiagnosticSeverity.Error, found.Severity);
        Assert.Contains(cause, found.GetMessage(CultureInfo.InvariantCulture));
        Assert.AreEqual(Sample.Path, found.Location.GetLineSpan().Path);
        Assert.AreEqual(0, found.Location.GetLineSpan().StartLinePosition.Line);
    }

    [TestMethod]
    public void Read_OfAManifestWithoutFacts_IsForDesignTimeAlone()
    {
        string text = (Sample with { HasFacts = false }).Json();
        Assert.HasCount(1, Generators.Run([new ManifestText("/a", text)]).GeneratedSources);
        string real = text.Replace("\"designTime\":true", "\"designTime\":false", StringComparison.Ordinal);
        Assert.Contains("'facts' is null",
            Generators.Run([new ManifestText("/a", real)]).Diagnostics.Single().GetMessage(CultureInfo.InvariantCulture));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("null")]
    [DataRow("1")]
    [DataRow("\0\u0001\u0002PB")]
    [DataRow("{\"ebspModel\":1,\"file\":{}}")]
    public void Read_OfAnyOtherText_IsRefused(string text) =>
        Assert.AreEqual("EBSP6101", Generators.Run([new ManifestText("/a", text)]).Diagnostics.Single().Id);

    [TestMethod]
    public void Read_OfAFileThatIsGone_IsRefused() =>
        Assert.Contains("the file cannot be read",
            Generators.Run([new ManifestText("/a", null)]).Diagnostics.Single().GetMessage(CultureInfo.InvariantCulture));

    [TestMethod]
    public void Read_OfALongManifest_IsRefused() =>
        Assert.Contains("the file is too long",
            Generators.Run([new ManifestText("/a", new string(' ', ManifestReader.MaxLength + 1))]).Diagnostics.Single()
            .GetMessage(CultureInfo.InvariantCulture));

    [TestMethod]
    public void Read_OfNamesBeyondALimit_IsRefused()
    {
        string data = new('x', ManifestReader.MaxNameLength + 1);
        string identifier = new('é', ManifestReader.MaxIdentifierBytes / 2 + 1);
        SampleManifest[] manifests =
        [
            Sample with { File = data }, Sample with { InputName = data }, Sample with { OutputName = data },
                Sample with { MachineName = data }, Sample with { Resource = data },
            Sample with { Class = identifier }, Sample with { Namespace = identifier },
        ];
        foreach (SampleManifest manifest in manifests)
            Assert.AreEqual("EBSP6104", Generators.Run(manifest).Diagnostics.Single().Id);
    }

    [TestMethod]
    public void Read_OfALaterLine_SaysWhere()
    {
        string text = Sample.Json().Replace(",\"class\":\"", ",\n  \"class\": \"a ", StringComparison.Ordinal);
        FileLinePositionSpan place = Generators.Run([new ManifestText("/a", text)]).Diagnostics.Single().Location.GetLineSpan();
        Assert.AreEqual(1, place.StartLinePosition.Line);
        Assert.AreEqual(11, place.StartLinePosition.Character);
    }

    [TestMethod]
    public void Read_OfEveryKeyword_IsRefusedOrCompiles()
    {
        string[] words = [.. SyntaxFacts.GetKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds()).Select(SyntaxFacts.GetText)
            .Distinct()];
        Assert.IsGreaterThan(100, words.Length);
        List<SampleManifest> taken = [];
        foreach (string word in words)
        {
            Assert.AreEqual("EBSP6103", Generators.Run(Sample with { Class = word }).Diagnostics.Single().Id, word);
            foreach (string space in new[] { word, "My." + word })
            {
                SampleManifest manifest = Sample with { Path = $"/{space}", Namespace = space };
                GeneratorRunResult result = Generators.Run(manifest);
                if (result.Diagnostics.Length == 0)
                    taken.Add(manifest);
                else
                    Assert.AreEqual("EBSP6103", result.Diagnostics.Single().Id, word);
            }
        }

        // Those that are words of C# in some places alone are names in others.
        CollectionAssert.Contains(taken.Select(manifest => manifest.Namespace).ToArray(), "My.record");
        foreach (LanguageVersion version in new[] { LanguageVersion.CSharp8, LanguageVersion.CSharp12, LanguageVersion.Preview })
            Generators.CheckCompiles(Generators.Compile(taken, parse: Generators.Parse.WithLanguageVersion(version)));
    }

    [TestMethod]
    public void Read_OfMutatedManifests_NeverThrowsAndGivesACodeOrAClass()
    {
        Random random = new(11);
        string json = Sample.Json();
        const string Units = "\"\\{}[]:,.-019tfnaZ _@/\0\n\u2028\u200eé日\ud83d";
        int refused = 0;
        int count = LongMode.Count(10_000, 1_000_000);
        for (int i = 0; i < count; i++)
        {
            StringBuilder text = new(json);
            for (int edit = random.Next(1, 4); edit > 0; edit--)
            {
                int at = random.Next(text.Length);
                int length = Math.Min(random.Next(1, 12), text.Length - at);
                switch (random.Next(5))
                {
                    case 0:
                        text[at] = Units[random.Next(Units.Length)];
                        break;
                    case 1:
                        text.Remove(at, length);
                        break;
                    case 2:
                        text.Insert(at, Units[random.Next(Units.Length)]);
                        break;
                    case 3:
                        text.Insert(random.Next(text.Length), text.ToString(at, length));
                        break;
                    default:
                        // Half of them keep the syntax: letters and digits for each other.
                        if (char.IsAsciiLetterOrDigit(text[at]))
                            text[at] = char.IsAsciiDigit(text[at]) ? (char)('0' + random.Next(10)) : (char)('a' + random.Next(26));
                        break;
                }
            }

            ManifestResult result = ManifestReader.Read("/a", text.ToString());
            if (result.Manifest is null)
            {
                Assert.IsTrue(result.Finding!.ToDiagnostic().GetMessage(CultureInfo.InvariantCulture)
                    .All(unit => unit is >= ' ' and <= '~'));
                refused++;
            }
            else
            {
                Assert.IsNull(result.Finding);
                Assert.IsEmpty(CSharpSyntaxTree.ParseText(ClassWriter.Write(result.Manifest), Generators.Parse).GetDiagnostics(),
                    text.ToString());
            }

            // The way through the driver is longer: now and then.
            if (i % 50 == 0)
                Assert.AreEqual(1, Generators.Run([new ManifestText("/a", text.ToString())]) is var run ? run.Diagnostics.Length
                    + run.GeneratedSources.Length : 0);
        }

        Assert.IsGreaterThan(count / 10, refused);
        Assert.IsLessThan(count * 9 / 10, refused);
    }
}
