using System.Globalization;

namespace Ebsp.Build.Tasks.Tests;

/// <summary>Names of C# made of names of files and projects.</summary>
[TestClass]
public sealed class NamesTests
{
    [TestMethod]
    [DataRow("digits.onnx", "DigitsModel")]
    [DataRow("digits.q.pb", "DigitsQModel")]
    [DataRow("resnet-20.onnx", "Resnet20Model")]
    [DataRow("2048.pb", "_2048Model")]
    [DataRow("MobileNet v2 (int8).onnx", "MobileNetV2Int8Model")]
    [DataRow("größe.pb", "GrößeModel")]
    [DataRow("日本語.pb", "日本語Model")]
    [DataRow("\U0001F600.pb", "Model")]
    [DataRow(".pb", "PbModel")]
    [DataRow("class.pb", "ClassModel")]
    [DataRow("x; } class Evil {.pb", "XClassEvilModel")]
    public void ClassOf_AFileName_IsPascalCaseAndModel(string file, string expected) => Assert.AreEqual(expected, Names.ClassOf(file));

    [TestMethod]
    public void ClassOf_UnderATurkishCulture_IsTheSame()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            Assert.AreEqual("ı", "I".ToLower(CultureInfo.CurrentCulture));
            Assert.AreEqual("InceptionIvModel", Names.ClassOf("inception-iv.onnx"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    [DataRow("App", "App")]
    [DataRow("my-app", "my_app")]
    [DataRow("2048-game", "_2048_game")]
    [DataRow("System", "System")]
    [DataRow("A..B", "A.B")]
    [DataRow("a b.c'd", "a_b.c_d")]
    [DataRow("my.class", "my._class")]
    [DataRow("\U0001F600", "__")]
    [DataRow("", "")]
    public void NamespaceOf_ARootNamespace_IsANamespace(string root, string expected)
    {
        Assert.AreEqual(expected, Names.NamespaceOf(root));
        Assert.IsTrue(expected.Length == 0 || Names.IsNamespace(expected));
    }

    [TestMethod]
    [DataRow("A.B", true)]
    [DataRow("_1", true)]
    [DataRow("Ünïcødé.日本語", true)]
    [DataRow("record", true)]
    [DataRow("A.", false)]
    [DataRow("A..B", false)]
    [DataRow("class", false)]
    [DataRow("1A", false)]
    [DataRow("A-B", false)]
    [DataRow("A; class Evil", false)]
    [DataRow("A\u202eB", false)]
    [DataRow("A\u200bB", false)]
    [DataRow("global::A", false)]
    public void IsNamespace_OfAText_KnowsWhatCSharpTakes(string text, bool expected) => Assert.AreEqual(expected, Names.IsNamespace(text));

    [TestMethod]
    [DataRow("Digits", true)]
    [DataRow("_", true)]
    [DataRow("record", false)]
    [DataRow("var", false)]
    [DataRow("int", false)]
    [DataRow("A.B", false)]
    [DataRow("", false)]
    public void IsClassName_OfAText_KnowsWhatCSharpTakes(string text, bool expected) => Assert.AreEqual(expected, Names.IsClassName(text));

    [TestMethod]
    [DataRow("digits.onnx", "digits")]
    [DataRow("a;b$(x)'%20.pb", "a_b__x___20")]
    [DataRow("日本.pb", "__")]
    [DataRow("0123456789012345678901234567890123456789extra.pb", "0123456789012345678901234567890123456789")]
    public void FileStem_OfAFileName_IsShortAndPlain(string file, string expected) => Assert.AreEqual(expected, Names.FileStem(file));

    [TestMethod]
    [DataRow("/a/b", "/a/b/c.pb", "c.pb")]
    [DataRow("/a/b", "/a/c/d.pb", "../c/d.pb")]
    [DataRow("/a/b/", "/a/b", ".")]
    [DataRow("/", "/x.pb", "x.pb")]
    public void RelativePath_OfAPath_LeadsThere(string folder, string path, string expected)
    {
        string relative = RelativePath.Of(folder, path);
        Assert.AreEqual(Path.GetFullPath(path), Path.GetFullPath(Path.Combine(folder, relative)).TrimEnd('/'));
        if (expected != ".")
            Assert.AreEqual(expected, relative);
    }

    [TestMethod]
    [DataRow("digts.onnx", "digits.onnx")]
    [DataRow("DIGITS.onnx", "digits.onnx")]
    [DataRow("resnet.pb", null)]
    public void NearestName_OfSome_IsNearOrNone(string name, string? expected) =>
        Assert.AreEqual(expected, NearestName.Of(name, ["digits.onnx", "calib.csv.gz"]));
}
