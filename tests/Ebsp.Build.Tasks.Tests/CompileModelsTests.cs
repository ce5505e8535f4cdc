using System.Diagnostics;
using Ebsp.TestKit;
using Microsoft.Build.Framework;

namespace Ebsp.Build.Tasks.Tests;

/// <summary>Which models a build compiles, what it writes, and what it says.</summary>
[TestClass]
public sealed class CompileModelsTests
{
    private const int Models = 8;

    [TestMethod]
    public void Execute_ASecondTime_DoesAndSaysNothing()
    {
        using Project project = EightModels();
        Built first = project.Build();
        Assert.HasCount(Models, first.Compilations);
        Assert.HasCount(Models, first.Log.Messages.Where(message => message.Importance == MessageImportance.High));
        Assert.HasCount(1, first.Log.Messages.Where(message => message.Message!.Contains("request.json", StringComparison.Ordinal)),
            "one run for all");
        Dictionary<string, DateTime> times = Times(project);

        Built second = project.Build();
        Assert.IsEmpty(second.Compilations);
        Assert.IsEmpty(second.Log.Messages.Where(message => message.Importance == MessageImportance.High));
        CollectionAssert.AreEqual(times, Times(project));
        CollectionAssert.AreEqual(Specs(first.Task.Resources), Specs(second.Task.Resources));
        CollectionAssert.AreEqual(Specs(first.Task.Writes), Specs(second.Task.Writes));
        CollectionAssert.AreEquivalent(project.Outputs(), second.Task.Writes.Select(item => Path.GetFileName(item.ItemSpec)).ToArray());
    }

    [TestMethod]
    public void Execute_AfterAChange_CompilesWhatItConcerns()
    {
        using Project project = EightModels();
        project.Write("calibration.csv", "1");
        project.Write("machine.json", "{}");
        project.Add("m1.pb", "ok 1", ("Calibration", "calibration.csv"));
        project.Add("m2.pb", "ok 2", ("Arch", "machine.json"));
        project.Build();

        project.Write("m0.pb", "ok changed");
        Expect(project, "m0.pb");
        project.Add("m3.pb", "ok 3", ("Batch", "2"));
        Expect(project, "m3.pb");
        project.Write("calibration.csv", "2");
        Expect(project, "m1.pb");
        project.Write("machine.json", "{ }");
        Expect(project, "m2.pb");
        File.SetLastWriteTimeUtc(project["m4.pb"], DateTime.UtcNow.AddHours(1));
        Expect(project);
        string earlier = File.ReadAllText(project["m5.pb"]);
        project.Write("m5.pb", "ok newer");
        Expect(project, "m5.pb");
        project.Write("m5.pb", earlier);
        File.SetLastWriteTimeUtc(project["m5.pb"], DateTime.UtcNow.AddYears(-1));
        Expect(project, "m5.pb");
        project.Add("m6.pb", "ok 6", ("Namespace", "Other"), ("ClassName", "Six"), ("Access", "public"));
        Expect(project);
        project.Remove("m7.pb");
        Expect(project);
        Assert.HasCount(Models - 1, project.Entries());
        Assert.DoesNotContain(name => name.StartsWith("m7", StringComparison.Ordinal), project.Outputs());
    }

    [TestMethod]
    public void Execute_WithADeletedOutput_TakesItFromTheStore()
    {
        using Project project = EightModels();
        Built first = project.Build();
        string blob = project[first.Task.Resources[0].ItemSpec];
        byte[] content = File.ReadAllBytes(blob);
        File.Delete(blob);
        Expect(project);
        CollectionAssert.AreEqual(content, File.ReadAllBytes(blob));

        File.WriteAllText(blob, "tampered with");
        Expect(project);
        CollectionAssert.AreEqual(content, File.ReadAllBytes(blob));

        File.Delete(blob);
        foreach (string entry in project.Entries())
        {
            string model = project[$"obj/ebsp/entries/{entry}/model.ebsp"];
            if (File.ReadAllBytes(model).AsSpan().SequenceEqual(content))
                File.WriteAllText(model, "another one");
        }

        Expect(project, "m0.pb");
        CollectionAssert.AreEqual(content, File.ReadAllBytes(blob));
    }

    [TestMethod]
    public void Execute_WithAnotherCompiler_CompilesAll()
    {
        using Project project = EightModels();
        project.Build();
        string folder = project["tool"];
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "Ebsp.FakeCompiler.*"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        project.Compiler = Path.Combine(folder, "Ebsp.FakeCompiler.dll");
        Assert.HasCount(Models, project.Build().Compilations);
        Expect(project);
        project.Write("tool/Other.dll", "1");
        Assert.HasCount(Models, project.Build().Compilations);
    }

    [TestMethod]
    public void Execute_WithExternalData_KnowsItsContent()
    {
        using Project project = new();
        project.Write("a/weights.bin", "1");
        project.Write("b/weights.bin", "2");
        project.Add("a/net.onnx", "read weights.bin");
        project.Add("b/net.onnx", "read weights.bin", ("ClassName", "Other"));
        Assert.HasCount(2, project.Build().Compilations);
        Expect(project);
        project.Write("a/weights.bin", "3");
        Expect(project, "net.onnx");
        File.SetLastWriteTimeUtc(project["a/weights.bin"], DateTime.UtcNow.AddHours(1));
        Expect(project);
    }

    [TestMethod]
    public void Execute_WithEqualModels_CompilesOnce()
    {
        using Project project = new();
        project.Add("a/net.onnx", "ok");
        project.Add("b/net.onnx", "ok", ("ClassName", "Other"));
        Assert.HasCount(1, project.Build().Compilations);
        Assert.HasCount(1, project.Entries());
        Assert.HasCount(2, project.Build().Task.Resources);
    }

    [TestMethod]
    public void Execute_WithAFailingModel_CompilesTheOthersAndFailsAgain()
    {
        using Project project = EightModels();
        project.Build();
        project.Write("m1.pb", "fail");
        project.Write("m2.pb", "ok changed");
        for (int round = 0; round < 2; round++)
        {
            Built built = project.Build();
            string[] compiled = round == 0 ? ["m1.pb", "m2.pb"] : ["m1.pb"];
            CollectionAssert.AreEqual(compiled, built.Compilations);
            BuildErrorEventArgs error = built.Log.Errors.Single();
            Assert.AreEqual("EBSP1002", error.Code);
            Assert.AreEqual("this is {no} möde;l. Give another.", error.Message);
            Assert.AreEqual(project["m1.pb"], error.File);
            Assert.DoesNotContain(name => name.StartsWith("m1", StringComparison.Ordinal), project.Outputs());
        }

        project.Write("m1.pb", "ok 1");
        Expect(project, "m1.pb");
    }

    [TestMethod]
    [DataRow("silent", "EBSP6014")]
    [DataRow("crash", "EBSP6014")]
    [DataRow("garbage", "EBSP6015")]
    [DataRow("changed", "EBSP6017")]
    public void Execute_WithACompilerThatMisbehaves_IsAnError(string how, string code)
    {
        using Project project = new();
        project.Add("a.pb", how);
        for (int round = 0; round < 2; round++)
        {
            Built built = project.Build();
            CollectionAssert.AreEqual(new[] { code }, built.Errors);
            if (how == "crash")
                StringAssert.Matches(built.Log.Errors[0].Message, new("exit code 137 .*out of luck"));
        }

        Assert.IsFalse(Directory.Exists(project["obj/ebsp/temp"]) && Directory.EnumerateFileSystemEntries(project["obj/ebsp/temp"]).Any());
        Assert.IsEmpty(project.Entries().Where(_ => how != "garbage"));
    }

    [TestMethod]
    public void Execute_WithAModelThatKillsTheCompiler_CompilesTheOthers()
    {
        using Project project = EightModels();
        project.Write("m0.pb", "crash");
        project.Write("m5.pb", "crash");
        Built built = project.Build();
        CollectionAssert.AreEqual(new[] { "EBSP6014", "EBSP6014" }, built.Errors);
        CollectionAssert.AreEqual(new[] { project["m0.pb"], project["m5.pb"] }, built.Log.Errors.Select(error => error.File).ToArray());
        Assert.HasCount(Models - 2, project.Entries());
        CollectionAssert.AreEqual(new[] { "m0.pb", "m5.pb" }, project.Build().Compilations.Distinct().ToArray());
    }

    [TestMethod]
    public void Execute_WithWrongItems_SaysWhatIsWrong()
    {
        using Project project = new();
        project.Write("digits.onnx", "ok");
        project.Add("good.pb", "ok");
        project.Add("digts.onnx", "ok");
        File.Delete(project["digts.onnx"]);
        project.Add("a.pb", "ok", ("Optimize", "speed"), ("Calibration", "nowhere.csv"), ("ClassName", "class"), ("Calibraton", "x"),
            ("Watch", "false"));
        project.Add("b/good.pb", "ok");
        Built built = project.Build();
        CollectionAssert.AreEqual(new[] { "EBSP6001", "EBSP6003", "EBSP6002", "EBSP6005", "EBSP6006" }, built.Errors);
        Assert.Contains("the nearest name is 'digits.onnx'", built.Log.Errors[0].Message!);
        Assert.Contains("App.GoodModel", built.Log.Errors[4].Message!);
        CollectionAssert.AreEqual(new[] { "EBSP6004" }, built.Log.Warnings.Select(warning => warning.Code).ToArray());
        CollectionAssert.AreEqual(new[] { "good.pb" }, built.Compilations);
    }

    [TestMethod]
    [DataRow("F#", "v10.0", "10.0", "EBSP6009")]
    [DataRow("C#", "v6.0", "10.0", "EBSP6008")]
    [DataRow("C#", "v8.0", "9.0", "EBSP6007")]
    public void Execute_InAnUnsuitableProject_IsAnError(string language, string framework, string sdk, string code)
    {
        using Project project = EightModels();
        (project.Language, project.Framework, project.Sdk) = (language, framework, sdk);
        CollectionAssert.AreEqual(new[] { code }, project.Build().Errors);
        Assert.IsFalse(Directory.Exists(project["obj"]));
    }

    [TestMethod]
    public void Execute_WithoutACompiler_IsAnError()
    {
        using Project project = EightModels();
        project.Compiler = project["nowhere/ebspc.dll"];
        CollectionAssert.AreEqual(new[] { "EBSP6016" }, project.Build().Errors);
    }

    [TestMethod]
    public void Execute_WithAFileInTheStoresPlace_CompilesWithAWarning()
    {
        using Project project = EightModels();
        project.Write("obj/ebsp", "here I am");
        for (int round = 0; round < 2; round++)
        {
            Built built = project.Build();
            Assert.HasCount(round == 0 ? Models : 0, built.Compilations);
            CollectionAssert.AreEqual(new[] { "EBSP6018" }, built.Log.Warnings.Select(warning => warning.Code).ToArray());
            Assert.HasCount(Models, built.Task.Resources);
        }

        Assert.HasCount((3 * Models) + 1, project.Outputs());
    }

    [TestMethod]
    public void Execute_AtDesignTime_CompilesNothingAndSaysNothing()
    {
        using Project project = new();
        project.Add("a.pb", "fail");
        project.Add("b.pb", "ok");
        project.Add("missing.pb", "ok");
        File.Delete(project["missing.pb"]);
        Built cold = project.Build(designTime: true);
        Assert.IsTrue(cold.Success);
        Assert.HasCount(3, cold.Task.Manifests);
        Assert.IsEmpty(cold.Compilations);
        Assert.EndsWith("\"designTime\":true,\"facts\":null}", cold.Manifest("BModel"));
        Assert.IsTrue(project.Outputs().All(name => name.StartsWith("design", StringComparison.Ordinal)));

        project.Build();
        Built warm = project.Build(designTime: true);
        Assert.Contains("\"designTime\":false", warm.Manifest("BModel"));
        Assert.Contains("\"designTime\":true", warm.Manifest("AModel"));
        project.Write("b.pb", "ok changed");
        Assert.Contains("\"designTime\":true", project.Build(designTime: true).Manifest("BModel"));
        project.Clean();
        Assert.IsFalse(Directory.Exists(project["obj/Debug/net10.0/ebsp"]));
    }

    [TestMethod]
    public void Execute_ForThreeFrameworksAtOnce_CompilesOnce()
    {
        using Project project = EightModels();
        for (int round = 0; round < LongMode.Count(3, 20); round++)
        {
            Built[] built = new Built[3];
            Parallel.For(0, 3, i => built[i] = project.Build($"net{8 + i}.0"));
            Assert.AreEqual(Models, built.Sum(one => one.Compilations.Length));
            Assert.IsTrue(built.All(one => one.Success && one.Task.Resources.Length == Models));
            CollectionAssert.AreEqual(project.Outputs("net8.0"), project.Outputs("net9.0"));
            foreach (string name in project.Outputs("net8.0").Where(name => !name.EndsWith("state.json", StringComparison.Ordinal)))
                CollectionAssert.AreEqual(File.ReadAllBytes(project[$"obj/Debug/net8.0/ebsp/{name}"]),
                    File.ReadAllBytes(project[$"obj/Debug/net10.0/ebsp/{name}"]), name);
            project.Clean("net8.0");
            Assert.HasCount(Models, project.Entries());
            Parallel.For(0, 2, i => project.Clean($"net{9 + i}.0"));
            Assert.IsEmpty(project.Entries());
            Assert.IsFalse(Directory.Exists(project["obj/ebsp"]));
        }
    }

    [TestMethod]
    public void Cancel_WhileTheCompilerRuns_EndsItAndLeavesNothing()
    {
        using Project project = new();
        project.Add("a.pb", "hang");
        using CompileModels task = project.Task();
        Thread build = new(() => task.Execute());
        build.Start();
        BuildEngine log = (BuildEngine)task.BuildEngine;
        Stopwatch time = Stopwatch.StartNew();
        while (!Directory.Exists(project["obj/ebsp/temp"]) && time.Elapsed < TimeSpan.FromSeconds(20))
            Thread.Sleep(20);
        Thread.Sleep(500);
        time.Restart();
        task.Cancel();
        Assert.IsTrue(build.Join(TimeSpan.FromSeconds(10)));
        Assert.IsEmpty(log.Errors);
        Assert.IsEmpty(Directory.GetDirectories(project["obj/ebsp/temp"]));
        Assert.DoesNotContain(name => name.EndsWith(".ebsp", StringComparison.Ordinal), project.Outputs());
    }

    [TestMethod]
    public void Cancel_WhileTheSecondModelIsCompiled_KeepsTheFirst()
    {
        using Project project = new();
        project.Add("a.pb", "ok");
        project.Add("b.pb", "hang");
        using CompileModels task = project.Task();
        Thread build = new(() => task.Execute());
        build.Start();
        Stopwatch time = Stopwatch.StartNew();
        while (!project.Outputs().Any(name => name.EndsWith(".state.json", StringComparison.Ordinal))
            && time.Elapsed < TimeSpan.FromSeconds(60))
            Thread.Sleep(20);
        task.Cancel();
        Assert.IsTrue(build.Join(TimeSpan.FromSeconds(10)));
        Assert.HasCount(1, project.Entries());
        project.Write("b.pb", "ok");
        CollectionAssert.AreEqual((string[])["b.pb"], project.Build().Compilations);
    }

    [TestMethod]
    public void Execute_InAnotherCloneOfTheUser_TakesWhatOneHasCompiled()
    {
        using TemporaryFolder user = new();
        using Project first = EightModels(), second = EightModels();
        (first.UserStore, second.UserStore) = (user.File("store"), user.File("store"));
        Assert.HasCount(Models, first.Build().Compilations);
        Built built = second.Build();
        Assert.IsEmpty(built.Compilations);
        CollectionAssert.AreEqual(first.Outputs(), second.Outputs());

        // An earlier option finds the earlier result, which the project's own store has dropped.
        first.Add("m3.pb", "ok 3", ("Batch", "2"));
        CollectionAssert.AreEqual((string[])["m3.pb"], first.Build().Compilations);
        first.Add("m3.pb", File.ReadAllText(second["m3.pb"]));
        Assert.IsEmpty(first.Build().Compilations);

        // What is damaged is not taken.
        foreach (string model in Directory.GetFiles(user.File("store"), "model.ebsp", SearchOption.AllDirectories))
            File.AppendAllText(model, "x");
        second.Clean();
        Assert.HasCount(Models, second.Build().Compilations);
    }

    [TestMethod]
    public void Execute_WithAUserStoreThatCannotBe_SaysSoWhereItWasChosen()
    {
        using Project project = new();
        project.Add("a.pb", "ok");
        project.Write("store", "a file");
        project.UserStore = "store";
        Built built = project.Build();
        Assert.IsTrue(built.Success);
        Assert.AreEqual("EBSP6018", built.Log.Warnings.Single().Code);
    }

    [TestMethod]
    public void Execute_AfterAKilledBuild_SweepsWhatItLeft()
    {
        using Project project = EightModels();
        project.Build();
        project.Write("obj/ebsp/temp/dead/0/model.ebsp", "half");
        project.Write("obj/ebsp/temp/dead.lock", "");
        project.Write("obj/Debug/net10.0/ebsp/m0.12345678.ebsp.abc.tmp", "half");
        project.Write("obj/Debug/net10.0/ebsp/notes.txt", "not ours");
        Expect(project);
        Assert.IsFalse(Directory.Exists(project["obj/ebsp/temp"]));
        Assert.HasCount((3 * Models) + 2, project.Outputs());
        Assert.Contains("notes.txt", project.Outputs());
    }

    [TestMethod]
    public void Execute_WithoutItemsAnyMore_LeavesNothing()
    {
        using Project project = EightModels();
        project.Build();
        foreach (string item in project.Items.ToArray())
            project.Remove(item);
        Assert.IsTrue(project.Build().Success);
        Assert.IsFalse(Directory.Exists(project["obj/Debug/net10.0/ebsp"]));
        Assert.IsFalse(Directory.Exists(project["obj/ebsp"]));
    }

    [TestMethod]
    public void Execute_OverRandomChanges_KeepsOutputsAndItemsTogether()
    {
        using Project project = new();
        Random random = new(5);
        List<string> names = [];
        for (int round = 0; round < LongMode.Count(50, 500); round++)
        {
            switch (random.Next(5))
            {
                case 0 or 1:
                    names.Add($"f{random.Next(3)}/net{round}.pb");
                    project.Add(names[^1], $"ok {random.Next(4)}");
                    break;
                case 2 when names.Count > 0:
                    string gone = names[random.Next(names.Count)];
                    names.Remove(gone);
                    project.Remove(gone);
                    break;
                case 3 when names.Count > 0:
                    string edited = names[random.Next(names.Count)];
                    project.Add(edited, $"ok {random.Next(4)}", ("Batch", $"{random.Next(1, 4)}"));
                    break;
                case 4 when names.Count > 0:
                    string renamed = names[random.Next(names.Count)];
                    project.Add(renamed, File.ReadAllText(project[renamed]), ("ClassName", $"C{round}"),
                        ("Report", random.Next(2) == 0 ? "layers" : "none"));
                    break;
            }

            string[] models = [.. Directory.EnumerateFiles(project.FullName, "*.pb", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)];
            string[] before = [.. models.Select(File.ReadAllText)];
            string framework = random.Next(2) == 0 ? "net8.0" : "net10.0";
            Built built = project.Build(framework);
            Assert.IsTrue(built.Success, string.Join('\n', built.Log.Errors.Select(error => error.Message)));
            CollectionAssert.AreEquivalent(project.Outputs(framework),
                built.Task.Writes.Select(item => Path.GetFileName(item.ItemSpec)).ToArray());
            Assert.HasCount(names.Count, built.Task.Manifests);
            CollectionAssert.AreEqual(before, models.Select(File.ReadAllText).ToArray());
            Assert.IsEmpty(project.Build(framework).Compilations);
        }
    }

    private static Project EightModels()
    {
        Project project = new();
        for (int i = 0; i < Models; i++)
            project.Add($"m{i}.pb", $"ok {i}");
        return project;
    }

    private static void Expect(Project project, params string[] compilations)
    {
        Built built = project.Build();
        Assert.IsTrue(built.Success, string.Join('\n', built.Log.Errors.Select(error => error.Message)));
        CollectionAssert.AreEqual(compilations, built.Compilations);
        Assert.IsEmpty(project.Build().Compilations);
    }

    private static Dictionary<string, DateTime> Times(Project project) =>
        project.Outputs().ToDictionary(name => name, name => File.GetLastWriteTimeUtc(project[$"obj/Debug/net10.0/ebsp/{name}"]));

    private static string[] Specs(ITaskItem[] items) => [.. items.Select(item => item.ItemSpec)];
}
