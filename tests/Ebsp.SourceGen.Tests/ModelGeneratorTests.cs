using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Ebsp.Emulator.Models;
using Ebsp.Isa.Programs;
using Ebsp.SourceGen.Tests.Kit;
using Ebsp.TestKit.Programs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ebsp.SourceGen.Tests;

[TestClass]
public sealed class ModelGeneratorTests
{
    private const int MaxBytes = 64 << 10;
    private static readonly SampleManifest Sample = new();

    [TestMethod]
    [DataRow(LanguageVersion.CSharp8)]
    [DataRow(LanguageVersion.CSharp9)]
    [DataRow(LanguageVersion.CSharp12)]
    [DataRow(LanguageVersion.Preview)]
    public void Generate_ForEveryKindOfProject_CompilesWithoutWarnings(LanguageVersion version)
    {
        CSharpParseOptions parse = Generators.Parse.WithLanguageVersion(version);
        foreach (NullableContextOptions nullable in new[] { NullableContextOptions.Enable, NullableContextOptions.Disable })
        {
            CSharpCompilationOptions options = Generators.Options.WithNullableContextOptions(nullable).WithOverflowChecks(true);
            foreach (SampleManifest manifest in Kinds())
                Generators.CheckCompiles(Generators.Compile([manifest], parse: parse, options: options), manifest.ToString());
        }
    }

    [TestMethod]
    public void Generate_InACompliantAssembly_CompilesWithoutWarnings()
    {
        foreach (SampleManifest manifest in Kinds())
            Generators.CheckCompiles(Generators.Compile([manifest], "[assembly: System.CLSCompliant(true)]"));
    }

    [TestMethod]
    public void Generate_WithAClassOfLowerCase_CompilesWithoutWarnings() =>
        Generators.CheckCompiles(Generators.Compile([Sample with { Class = "digits" }]));

    [TestMethod]
    public void Generate_WithAPartOfTheProjects_IsOneClass()
    {
        Compilation compilation =
            Generators.Compile([Sample],
            "namespace Digits { partial class DigitsModel { public static int Doubled => 2 * InputChannels; } }");
        Generators.CheckCompiles(compilation);
        Assert.HasCount(1, compilation.GetTypeByMetadataName("Digits.DigitsModel")!.GetMembers("Doubled"));
    }

    [TestMethod]
    [DataRow("System")]
    [DataRow("Ebsp")]
    [DataRow("Ebsp.Emulator.Models")]
    [DataRow("Microsoft.global")]
    [DataRow("_2048_game.System.Ebsp")]
    [DataRow("DigitsModel")]
    public void Generate_InAwkwardNamespaces_Compiles(string name) =>
        Generators.CheckCompiles(Generators.Compile([Sample with { Namespace = name }]));

    [TestMethod]
    public void Generate_BesideATypeOfEveryNameThatIsUsed_Compiles()
    {
        // What a project may call its own, in the class's namespace and in the global one.
        const string Source =
            "class global { } class EbspModel { } class MachineOptions { } namespace Digits { class System { } class Ebsp { } class " +
            "Object { } namespace Emulator { } }";
        Generators.CheckCompiles(
            Generators.Compile([Sample], Source,
            options: Generators.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default).WithSpecificDiagnosticOptions(
            [KeyValuePair.Create("CS8981", ReportDiagnostic.Suppress)])));
    }

    [TestMethod]
    public void Members_OfTheGeneratedClass_AreThoseThatItCannotBeNamedAfter()
    {
        foreach (SampleManifest manifest in Kinds())
        {
            ClassDeclarationSyntax type = Root(manifest).DescendantNodes().OfType<ClassDeclarationSyntax>().Single();
            string[] names = [.. type.Members.Select(NameOf).OfType<string>()];
            CollectionAssert.AreEquivalent(ClassWriter.Members, names);
        }
    }

    [TestMethod]
    public void Members_BeforeTheFirstBuild_AreThoseAfterIt()
    {
        foreach (SampleManifest manifest in Kinds().Where(kind => kind.HasFacts))
            CollectionAssert.AreEqual(Signatures(manifest), Signatures(manifest with { HasFacts = false }));
        Assert.HasCount(1 + ClassWriter.Members.Length, Signatures(Sample), "and the constructor");
    }

    [TestMethod]
    public void Load_OfTheProgramInTheResource_RunsIt()
    {
        byte[] file = SampleProgram.File();
        ProgramIo io = SampleProgram.Program.Io;
        SampleManifest manifest = Sample with { Access = "public", Digest = ProgramReader.DigestOf(file) };
        using MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult emitted = Generators.Compile([manifest])
            .Emit(image, manifestResources: [new ResourceDescription(manifest.Resource, () => new MemoryStream(file), isPublic: true)]);
        Assert.IsTrue(emitted.Success);
        AssemblyLoadContext context = new(nameof(Load_OfTheProgramInTheResource_RunsIt), isCollectible: true);
        image.Position = 0;
        Type type = context.LoadFromStream(image).GetType(manifest.FullName, throwOnError: true)!;
        Assert.HasCount(0, type.GetConstructors());
        IEbspModel model = (IEbspModel)type.GetMethod("Load")!.Invoke(null, [null])!;
        Assert.IsInstanceOfType(model, type);
        Assert.AreEqual(io.Input.Name, model.Input.Name);
        float[] scores = model.Run(new byte[io.Input.Channels * io.Input.Height * io.Input.Width]);
        Assert.HasCount(io.Output.Channels * io.Output.Height * io.Output.Width, scores);

        Assert.AreEqual("pixels", Value(type, "InputName"));
        Assert.AreEqual(8, Value(type, "InputHeight"));
        Assert.AreEqual(0.00392156862745098, Value(type, "InputScale"));
        Assert.AreEqual(1.25E-05, Value(type, "OutputScale"));
        Assert.AreEqual(10, Value(type, "OutputChannels"));
        Assert.AreEqual(2486L, Value(type, "Cycles"));
        Assert.AreEqual("digits.onnx", Value(type, "SourceFile"));
        context.Unload();
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(15)]
    [DataRow(40)]
    public void Generate_SeveralOutputs_HasPropertiesAndAParameterForEach(int others)
    {
        SampleManifest manifest = Sample with { OtherOutputs = others };
        foreach (LanguageVersion version in new[] { LanguageVersion.CSharp8, LanguageVersion.Preview })
            Generators.CheckCompiles(Generators.Compile([manifest], parse: Generators.Parse.WithLanguageVersion(version)));
        string text = Text(manifest);
        Assert.IsLessThan(MaxBytes, Encoding.UTF8.GetByteCount(text));
        Assert.Contains("public static int Output2Height => 2;", text);
        Assert.AreEqual(others < 16, text.Contains(
            "public void Run(global::System.ReadOnlySpan<byte> images, float[] output, float[] output2", StringComparison.Ordinal));
        Assert.IsNotEmpty(Generators.Run(manifest with { Class = "Run" }).Diagnostics);
        Assert.IsNotEmpty(Generators.Run(manifest with { Class = "Output2Height" }).Diagnostics);
        Assert.IsEmpty(Generators.Run(Sample with { Class = "Run" }).Diagnostics);
    }

    [TestMethod]
    public void Generate_ForFilesWithoutTheMetadata_GivesNothing()
    {
        AdditionalText[] texts =
            [new ManifestText("/a.json", Sample.Json(), null), new ManifestText("/b.json", Sample.Json(), "false"),
            new ManifestText("/c.json", Sample.Json(), "")];
        GeneratorRunResult result = Generators.Run(texts);
        Assert.IsEmpty(result.GeneratedSources);
        Assert.IsEmpty(result.Diagnostics);
    }

    [TestMethod]
    [DataRow(22_000, 0)]
    [DataRow(0, 100_000)]
    public void Generate_WithManyLabelsOrLayers_IsAsShortAsWithout(int labels, int layers)
    {
        string text = Text(Sample with { Labels = labels, Layers = layers });
        Assert.AreEqual(Text(Sample), text);
        Assert.IsLessThan(MaxBytes, Encoding.UTF8.GetByteCount(text));
    }

    [TestMethod]
    public void Generate_WithTheLongestNames_IsShortEnough()
    {
        string name = string.Concat(Enumerable.Repeat("日", ManifestReader.MaxNameLength));
        SampleManifest manifest = Sample with
        {
            File = name,
            InputName = name,
            OutputName = name,
            MachineName = name,
            Resource = name,
            Class = new string('C', ManifestReader.MaxIdentifierBytes),
            Namespace = new string('N', ManifestReader.MaxIdentifierBytes),
        };
        int bytes = Encoding.UTF8.GetByteCount(Text(manifest));
        Assert.IsLessThanOrEqualTo(MaxBytes, bytes);
        Assert.IsGreaterThan(MaxBytes * 3 / 4, bytes, "the limits may be larger");
        using MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult emitted = Generators.Compile([manifest]).Emit(image);
        Assert.IsTrue(emitted.Success, string.Join('\n', emitted.Diagnostics).Replace(new string('N', 100), "", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("tr-TR")]
    [DataRow("fa-IR")]
    [DataRow("sv-SE")]
    public void Generate_UnderAnyCulture_IsTheSame(string culture)
    {
        SampleManifest manifest = Sample with { File = "İIıi.onnx", Class = "IıModel", Batch = 1234 };
        string expected = Text(manifest);
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.AreEqual(expected, Text(manifest));
            Assert.AreEqual(HintName.Of(ManifestReader.Read("a", manifest.Json()).Manifest!),
                Generators.Run(manifest).GeneratedSources.Single().HintName);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void HintName_OfManyClasses_IsShortReadableAndOneOfItsOwn()
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < 10_000; i++)
        {
            // Names that differ beyond what is readable, only in their case, or only in their namespace.
            string type = (i % 4) switch
            {
                0 => $"{new string('a', 200)}{i}Model",
                1 => $"Net{i}日本語Model",
                2 => $"A{i - 1}x",
                _ => $"a{i - 2}X",
            };
            string name = HintName.Of(new Manifest("", "", i % 3 == 0 ? "" : "N", type, false, true, "", null));
            Assert.IsTrue(names.Add(name), name);
            Assert.IsLessThanOrEqualTo(60, name.Length);
            Assert.IsTrue(name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '.' or '_'), name);
        }

        Assert.AreEqual("DigitsModel.f028f2dfe72a4e22.g.cs", Generators.Run(Sample).GeneratedSources.Single().HintName);
    }

    [TestMethod]
    public void Generate_ForTwoModelsWithOneClass_IsAnErrorThatNamesBothFiles()
    {
        SampleManifest other = Sample with { Path = "/src/obj/ebsp/other.json", File = "digits.pb" };
        SampleManifest third = Sample with { Path = "/src/obj/ebsp/third.json", Class = "ThirdModel" };
        foreach (SampleManifest[] order in new SampleManifest[][] { [Sample, other, third], [third, other, Sample] })
        {
            GeneratorRunResult result = Generators.Run(order);
            Diagnostic found = result.Diagnostics.Single();
            Assert.AreEqual("EBSP6105", found.Id);
            Assert.Contains("the class 'Digits.DigitsModel' is made of both 'digits.onnx' and 'digits.pb'",
                found.GetMessage(CultureInfo.InvariantCulture));
            StringAssert.StartsWith(result.GeneratedSources.Single().HintName, "ThirdModel.");
        }

        Assert.HasCount(2, Generators.Run(Sample, other with { Namespace = "Other" }).GeneratedSources);
    }

    [TestMethod]
    public void Generate_ForOneManifestTwice_IsAnError() =>
        Assert.AreEqual("EBSP6105", Generators.Run(Sample, Sample).Diagnostics.Single().Id);

    [TestMethod]
    public void Generate_ForAClassThatIsANamespaceToo_IsAnError()
    {
        SampleManifest inside = Sample with { Path = "/b.json", File = "b.onnx", Namespace = "Digits.DigitsModel.Deep", Class = "B" };
        GeneratorRunResult result = Generators.Run(inside, Sample);
        Assert.Contains("'Digits.DigitsModel' is the class of 'digits.onnx' and a namespace of the class of 'b.onnx'",
            result.Diagnostics.Single().GetMessage(CultureInfo.InvariantCulture));
        StringAssert.StartsWith(result.GeneratedSources.Single().HintName, "B.");
    }

    /// <summary>Every way in which classes differ apart from names.</summary>
    private static IEnumerable<SampleManifest> Kinds()
    {
        foreach (string access in new[] { "internal", "public" })
        {
            foreach (string space in new[] { "", "Digits", "A.B.C" })
            {
                yield return Sample with { Access = access, Namespace = space };
                yield return Sample with { Access = access, Namespace = space, HasFacts = false };
                yield return Sample with { Access = access, Namespace = space, Load = "file",
                    Resource = "ebsp/DigitsModel.0123456789abcdef.ebsp" };
            }

            foreach (string transform in new[] { "none", "log-softmax", "arg-max" })
                yield return Sample with { Access = access, Transform = transform, Batch = 16, ReverseChannels = true };
        }
    }

    private static string Text(SampleManifest manifest)
    {
        GeneratorRunResult result = Generators.Run(manifest);
        Assert.IsEmpty(result.Diagnostics);
        return result.GeneratedSources.Single().SourceText.ToString();
    }

    private static CompilationUnitSyntax Root(SampleManifest manifest) => CSharpSyntaxTree.ParseText(Text(manifest), Generators.Parse)
        .GetCompilationUnitRoot();

    private static string? NameOf(MemberDeclarationSyntax member) => member switch
    {
        PropertyDeclarationSyntax property => property.Identifier.ValueText,
        MethodDeclarationSyntax method => method.Identifier.ValueText,
        ConstructorDeclarationSyntax => null,
        _ => member.ToString(),
    };

    private static string[] Signatures(SampleManifest manifest)
    {
        INamedTypeSymbol type = Generators.Compile([manifest]).GetTypeByMetadataName(manifest.FullName)!;
        return
        [
            .. type.GetMembers().Where(member => member is not IMethodSymbol { AssociatedSymbol: not null })
                .Select(member => $"{member.DeclaredAccessibility} {member.IsStatic} " +
                    $"{member.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat)} {TypeOf(member)}"),
        ];
    }

    private static ITypeSymbol? TypeOf(ISymbol member) => member is IPropertySymbol property
        ? property.Type
        : (member as IMethodSymbol)?.ReturnType;

    private static object? Value(Type type, string name) =>
        type.GetProperty(name, BindingFlags.Public | BindingFlags.Static)!.GetValue(null);
}
