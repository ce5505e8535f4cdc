using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Ebsp.SourceGen.Tests.Kit;
using Ebsp.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ebsp.SourceGen.Tests;

/// <summary>
/// Names that would be code if they got into the text as they are: each is refused with a code, or the class has the syntax of one whose
/// names are <c>a</c>, and its literals are the names.
/// </summary>
[TestClass]
public sealed class HostileNamesTests
{
    private static readonly SampleManifest Sample = new();

    private static readonly Func<SampleManifest, string, SampleManifest>[] Fields =
    [
        (manifest, name) => manifest with { File = name },
        (manifest, name) => manifest with { Namespace = name },
        (manifest, name) => manifest with { Class = name },
        (manifest, name) => manifest with { Resource = name },
        (manifest, name) => manifest with { InputName = name },
        (manifest, name) => manifest with { OutputName = name },
        (manifest, name) => manifest with { MachineName = name },
    ];

    private static readonly string[] Hostile =
    [
        "x; } class Evil { static Evil() { System.Environment.Exit(1); } }", "x { } } namespace Evil { class X", "\"", "\\", "\"\"\"",
            "\\\"", "\\\\\"", "\\u0022", "\\x22", "\\U00000022", "{", "}}",
        "{0}", "$\"{x}\"", "@\"", "\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "\v", "\f", "\0", "\u001a", "\u001b[31m", "*/", "/*",
            "//", "///", "/// </summary>", "<![CDATA[", "]]>", "<", "&", "&lt;", "&#10;", "--",
        "#line 1 \"evil.cs\"", "\n#line hidden\n", "\n#if true\n", "#endif", "#error evil", "#pragma warning restore",
            "\n#nullable disable\n", "\n}\nclass Evil {\n", "\u2028class Evil { }", "\u0085class Evil { }",
        "\u202a", "\u202e", "\u2066", "\u2069", "\u200b", "\u200c", "\u200d", "\u200e", "\ufeff", "\u00ad", "\u2060", "\u061c", "\u180e",
            "\u3164", "\u115f", "\ufe0f", "\u034f", "\U000e0001", "\U000e0100",
        "\U0001f600", "\U00020000", "\uFFFF", "\uFFFE", "\uE000", "a\u0301", "\u0301", "ﬁ", "Å", "İ", "ı", "ß", "class", "void", "null",
            "record", "var", "global", "global::System", "System", "Ebsp", "dynamic", "nameof", "await",
        "field", "value", "partial", "Load", "Cycles", "InputName", "Equals", "EbspModel", "MachineOptions", "object", "a.b", "a..b", ".a",
            "a.", ".", "..", "../x", "/etc/passwd", "C:\\x", "a/b", "a\\b", "a,b", "a b", " a", "a ", "\t",
        "a<b>", "a[]", "a?", "a*", "a`1", "a+b", "a-b", "a=1", "(a)", "'", "1", "01a", "_", "__arglist", "<Program>$", "$(x)", "%20",
            "${jndi:x}", "\u0660", "\u00b2", "\uff21", "\u2160", "\u203f", "\u0488",
    ];

    private static readonly string[] Sane =
        ["a", "Digits", "Ünïcödé", "日本語Model", "Модель", "μοντέλο", "نموذج", "דגם", "모델", "Modèle", "_2048Model", "Straße", "e\u0301",
        "नमूना", "My_Net", "x9"];

    private static readonly Dictionary<string, string> Shapes = [];

    [TestMethod]
    public void Generate_WithAHostileName_IsRefusedOrIsTheSameClass()
    {
        int[] taken = new int[Fields.Length];
        int[] refused = new int[Fields.Length];
        for (int field = 0; field < Fields.Length; field++)
        {
            foreach (string name in Hostile.Concat(Sane))
            {
                SampleManifest manifest = Fields[field](Sample, name);
                GeneratorRunResult result = Generators.Run(manifest);
                Check(manifest, result.GeneratedSources.Length == 1 ? result.GeneratedSources[0].SourceText.ToString() : null,
                    result.Diagnostics);
                if (result.GeneratedSources.Length == 0)
                {
                    refused[field]++;
                    continue;
                }

                taken[field]++;
                // All that the assembly holds is the one class. Names that are data can do no more than the text shows: some of them are
                // enough.
                if (field is not (1 or 2 or 3) && taken[field] % LongMode.Count(10, 1) != 0)
                    continue;
                Compilation compilation = Generators.Compile([manifest]);
                Generators.CheckCompiles(compilation, manifest.ToString());
                Assert.AreEqual(manifest.FullName, AllTypes(compilation.Assembly.GlobalNamespace).Single().ToDisplayString(),
                    manifest.ToString());
            }
        }

        // Names that are data may be anything; names that are code, little of it.
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0 }, new[] { refused[0], refused[4], refused[5], refused[6] });
        foreach (int field in new[] { 1, 2, 3 })
        {
            Assert.IsGreaterThanOrEqualTo(Sane.Length, taken[field]);
            Assert.IsGreaterThan(Hostile.Length / 2, refused[field]);
        }
    }

    [TestMethod]
    public void Generate_WithRandomHostileNames_IsRefusedOrIsTheSameClass()
    {
        Random random = new(2022);
        int count = LongMode.Count(2_000, 100_000);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            SampleManifest manifest =
                Sample with { Load = random.Next(2) == 0 ? "embedded" : "file", Access = random.Next(2) == 0 ? "internal" : "public" };
            // One name, or all that are data, or all.
            int which = random.Next(Fields.Length + 2);
            for (int field = 0; field < Fields.Length; field++)
            {
                if (field == which || which == Fields.Length + 1 || (which == Fields.Length && field is 0 or 4 or 5 or 6))
                    manifest = Fields[field](manifest, Name(random, mostlySane: field is 1 or 2 or 3));
            }

            string? text;
            Diagnostic[] diagnostics;
            if (i % 20 == 0)
            {
                GeneratorRunResult result = Generators.Run(manifest);
                text = result.GeneratedSources.Length == 0 ? null : result.GeneratedSources.Single().SourceText.ToString();
                diagnostics = [.. result.Diagnostics];
            }
            else
            {
                ManifestResult read = ManifestReader.Read(manifest.Path, manifest.Json());
                text = read.Manifest is null ? null : ClassWriter.Write(read.Manifest);
                diagnostics = read.Finding is null ? [] : [read.Finding.ToDiagnostic()];
            }

            Check(manifest, text, diagnostics);
            refused += text is null ? 1 : 0;
        }

        Assert.IsGreaterThan(count / 10, refused);
        Assert.IsLessThan(count * 4 / 5, refused);
    }

    [TestMethod]
    public void Generate_WithSaneNames_KeepsTheirSpelling()
    {
        foreach (string name in Sane)
        {
            SampleManifest manifest =
                Sample with { File = name + ".onnx", Namespace = $"Netz.{name}", Class = name, InputName = name,
                OutputName = $"{name} 1/2:0", MachineName = name };
            GeneratorRunResult result = Generators.Run(manifest);
            Assert.IsEmpty(result.Diagnostics, string.Join('\n', result.Diagnostics));
            string text = result.GeneratedSources.Single().SourceText.ToString();
            Check(manifest, text, []);
            Assert.Contains($"namespace Netz.{name}\n", text);
            Assert.Contains($" class {name} :", text);

            Compilation compilation = Generators.Compile([manifest]);
            INamedTypeSymbol type = compilation.GetTypeByMetadataName($"Netz.{name}.{name}")!;
            XElement documentation = XElement.Parse(type.GetDocumentationCommentXml(cancellationToken: default)!);
            string[] shown = [.. documentation.Descendants("c").Select(element => element.Value)];
            CollectionAssert.AreEqual(new[] { manifest.File, name, manifest.OutputName, name }, shown);
        }
    }

    [TestMethod]
    [DataRow("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [DataRow("\u2028\u0085\0\u007f", "\"\\u2028\\u0085\\u0000\\u007F\"")]
    [DataRow("\\u0022", "\"\\\\u0022\"")]
    [DataRow("😀", "\"\\uD83D\\uDE00\"")]
    public void Literal_OfAnyText_IsAsciiAndReadsTheSame(string text, string literal)
    {
        Assert.AreEqual(literal, CSharpText.Literal(text));
        Assert.AreEqual(text, ((LiteralExpressionSyntax)SyntaxFactory.ParseExpression(literal)).Token.ValueText);
    }

    [TestMethod]
    [DataRow("a<b>&\"'", "a&#x3C;b&#x3E;&#x26;&#x22;&#x27;")]
    [DataRow("\0\n\u2028\u202e\uFFFF\uE000", "&#xFFFD;&#xFFFD;&#xFFFD;&#xFFFD;&#xFFFD;&#xFFFD;")]
    [DataRow("é😀", "&#xE9;&#x1F600;")]
    public void Xml_OfAnyText_IsAsciiAndVisible(string text, string xml) => Assert.AreEqual(xml, CSharpText.Xml(text));

    [TestMethod]
    public void Xml_OfALongText_IsCut()
    {
        string xml = CSharpText.Xml(string.Concat(Enumerable.Repeat("😀", 101)));
        Assert.AreEqual(string.Concat(Enumerable.Repeat("&#x1F600;", 100)) + "...", xml);
    }

    private static void Check(SampleManifest manifest, string? text, IReadOnlyCollection<Diagnostic> diagnostics)
    {
        if (text is null)
        {
            Diagnostic found = diagnostics.Single();
            StringAssert.StartsWith(found.Id, "EBSP61");
            Assert.IsTrue(found.GetMessage(CultureInfo.InvariantCulture).All(unit => unit is >= ' ' and <= '~'), manifest.ToString());
            return;
        }

        Assert.IsEmpty(diagnostics);
        Assert.IsLessThanOrEqualTo(64 << 10, Encoding.UTF8.GetByteCount(text));
        CompilationUnitSyntax root = CSharpSyntaxTree.ParseText(text, Generators.Parse).GetCompilationUnitRoot();
        Assert.AreEqual(ShapeFor(manifest), Shape(root), manifest.ToString());

        string[] literals = [
            .. root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.StringLiteralToken)).Select(token => token.ValueText)];
        string[] expected = ["Ebsp.SourceGen", "0.1.0", manifest.Resource, SampleManifest.SampleDigest, manifest.File, manifest.InputName,
            manifest.OutputName];
        CollectionAssert.AreEqual(expected, literals, manifest.ToString());
        Assert.AreEqual(manifest.Namespace,
            string.Join('.', root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Select(space => space.Name.ToString())),
            manifest.ToString());
        Assert.AreEqual(manifest.Class, root.DescendantNodes().OfType<ClassDeclarationSyntax>().Single().Identifier.Text,
            manifest.ToString());
        Assert.IsFalse(manifest.FullName.Any(unit => CharUnicodeInfo.GetUnicodeCategory(unit) == UnicodeCategory.Format),
            manifest.ToString());
        // Outside identifiers nothing but ASCII.
        string plain = text;
        foreach (string part in manifest.FullName.Split('.').OrderByDescending(part => part.Length))
            plain = plain.Replace(part, "", StringComparison.Ordinal);
        Assert.IsTrue(plain.All(unit => unit is '\n' or (>= ' ' and <= '~')), manifest.ToString());
    }

    // The shape of the class whose names are all a, in a namespace of as many parts.
    private static string ShapeFor(SampleManifest manifest)
    {
        string space = manifest.Namespace.Length == 0 ? "" : string.Join('.', manifest.Namespace.Split('.').Select(_ => "a"));
        string key = $"{space}|{manifest.Access}|{manifest.Load}";
        if (!Shapes.TryGetValue(key, out string? shape))
        {
            SampleManifest plain =
                manifest with { File = "a", Namespace = space, Class = "a", Resource = "a", InputName = "a", OutputName = "a",
                MachineName = "a" };
            string text = ClassWriter.Write(ManifestReader.Read("a", plain.Json()).Manifest!);
            shape = Shape(CSharpSyntaxTree.ParseText(text, Generators.Parse).GetCompilationUnitRoot());
            Shapes.Add(key, shape);
        }

        return shape;
    }

    // Kinds of all nodes, tokens and trivia, what stands in the text of documentation apart; and what the parser found.
    private static string Shape(CompilationUnitSyntax root)
    {
        StringBuilder shape = new();
        foreach (SyntaxNodeOrToken part in root.DescendantNodesAndTokensAndSelf(descendIntoTrivia: true))
        {
            if (part.IsToken && part.Parent is XmlTextSyntax)
                continue;
            shape.Append(CultureInfo.InvariantCulture, $"{(int)part.Kind()} ");
            if (part.IsToken)
                shape.AppendJoin(' ',
                    part.AsToken().GetAllTrivia()
                    .Select(trivia => $"t{(int)trivia.Kind()}:{trivia.FullSpan.Length switch { 0 => 0, _ => 1 }}")).Append(' ');
        }

        return shape.AppendJoin('\n', root.GetDiagnostics()).ToString();
    }

    private static string Name(Random random, bool mostlySane)
    {
        StringBuilder name = new();
        for (int parts = random.Next(1, 5); parts > 0; parts--)
        {
            if (mostlySane && random.Next(4) > 0)
            {
                name.Append(Sane[random.Next(Sane.Length)]);
                continue;
            }

            switch (random.Next(10))
            {
                case < 5:
                    name.Append(Hostile[random.Next(Hostile.Length)]);
                    break;
                case < 7:
                    name.Append(Sane[random.Next(Sane.Length)]);
                    break;
                case 7:
                    // Any unit, lone surrogates among them.
                    name.Append((char)random.Next(0x10000));
                    break;
                case 8:
                    name.Append((char)random.Next(0x80));
                    break;
                default:
                    name.Append(new string((char)('a' + random.Next(26)), random.Next(3) == 0 ? random.Next(5000) : random.Next(5)));
                    break;
            }
        }

        return name.ToString();
    }

    private static IEnumerable<INamedTypeSymbol> AllTypes(INamespaceSymbol space) => space.GetTypeMembers()
        .Concat(space.GetNamespaceMembers().SelectMany(AllTypes));
}
