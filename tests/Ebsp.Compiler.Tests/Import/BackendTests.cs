using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.TestKit;
using Google.Protobuf;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>
/// ONNX's own backend tests: every one whose operators and types docs/operators.md names is computed as ONNX says; whatever maps to the
/// graph of the compiler computes the same there, and everything else is refused with a diagnostic.
/// </summary>
[TestClass]
public sealed class BackendTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Evaluate_EveryClaimedBackendTest_ComputesIt()
    {
        int tests = 0, claimed = 0;
        List<string> wrong = [];
        foreach (BackendModel test in BackendModel.ReadAll())
        {
            tests++;
            ModelProto model = test.Model;
            if (!IsClaimed(model))
                continue;
            claimed++;
            if (Evaluate(test, model) is { } difference)
                wrong.Add($"{test.Name}: {difference}");
        }

        TestContext.WriteLine($"{tests} tests, {claimed} claimed, {claimed - wrong.Count} pass");
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.AreEqual(275, tests);
        Assert.AreEqual(OperatorsPage.ClaimedTests, claimed, "the number that docs/operators.md gives");
        Assert.IsGreaterThanOrEqualTo(220, claimed);
    }

    [TestMethod]
    public void Import_EveryBackendTest_ComputesItOrRefusesIt()
    {
        int mapped = 0;
        List<string> wrong = [], refused = [];
        Dictionary<string, int> byOperator = [];
        foreach (BackendModel test in BackendModel.ReadAll())
        {
            ModelProto model = test.Model;
            // Networks of float64 are read as float32, which these numbers leave.
            if (test.Outputs[0].DataType == (int)ElementType.Float64
                && TensorReader.Read(test.Outputs[0], null).ToDoubles().Any(value => Math.Abs(value) > float.MaxValue))
                continue;
            try
            {
                if (RunMapped(test, model) is { } difference)
                    wrong.Add($"{test.Name}: {difference}");
                mapped++;
                foreach (string type in model.Graph.Node.Select(node => node.OpType).Distinct())
                    byOperator[type] = byOperator.GetValueOrDefault(type) + 1;
            }
            catch (EbspException e)
            {
                refused.Add($"{test.Name}: {e.Diagnostics[0].Cause}");
            }
        }

        TestContext.WriteLine($"{mapped} map: {string.Join(", ", byOperator.OrderBy(p => p.Key).Select(p => $"{p.Key} {p.Value}"))}");
        TestContext.WriteLine(string.Join('\n', refused));
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThanOrEqualTo(OperatorsPage.MappedTests, mapped, "the number that docs/operators.md gives");
    }

    [TestMethod]
    public void Import_ChangedBackendTests_EndInOneWay()
    {
        Random random = new(11);
        int changed = 0, refused = 0;
        foreach (BackendModel test in BackendModel.ReadAll())
        {
            // With all inputs as constants every node is computed at import.
            ModelProto model = test.Model;
            for (int i = 0; i < Math.Min(test.Inputs.Length, model.Graph.Input.Count); i++)
            {
                TensorProto constant = test.Inputs[i].Clone();
                constant.Name = model.Graph.Input[i].Name;
                if (model.Graph.Initializer.All(known => known.Name != constant.Name))
                    model.Graph.Initializer.Add(constant);
            }

            model.Graph.Input.Add(
                new ValueInfoProto { Name = "own",
                Type = new TypeProto { TensorType =
                new TypeProto.Types.Tensor { ElemType = 1,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 1 } } } } } });
            byte[] bytes = model.ToByteArray();
            // Values are most of the bytes; the graph stands in front of them.
            int graph = Math.Min(bytes.Length, 400);
            for (int round = 0; round < LongMode.Count(4, 400); round++, changed++)
            {
                byte[] mutant = [.. bytes];
                for (int change = random.Next(1, 4); change > 0; change--)
                    mutant[random.Next(graph)] = random.Next(3) == 0
                        ? (byte)random.Next(256)
                        : (byte)(mutant[random.Next(graph)] ^ 1 << random.Next(8));
                refused += OnnxImporter.Check(mutant).IsSupported ? 0 : 1;
            }
        }

        TestContext.WriteLine($"{changed} changed models, {refused} refused");
        Assert.IsGreaterThan(changed / 2, refused);
    }

    // By the tables alone: operators, operator set, and the types of what nodes read first.
    private static bool IsClaimed(ModelProto model)
    {
        Dictionary<string, int> types = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => tensor.DataType);
        foreach (ValueInfoProto input in model.Graph.Input)
            types[input.Name] = input.Type.TensorType.ElemType;
        long opset = model.OpsetImport.Single(import => import.Domain is "" or "ai.onnx").Version;
        return model.Graph.Node.All(node => OnnxEvaluators.All.TryGetValue(node.OpType, out OnnxEvaluator? evaluator)
            && opset >= evaluator.Since && opset <= OnnxOperators.MaxOpset
            && (node.Input.Count == 0 || !types.TryGetValue(node.Input[0], out int type) || evaluator.Types.Contains((ElementType)type)));
    }

    private static string? Evaluate(BackendModel test, ModelProto model)
    {
        try
        {
            HostTensor[] outputs = GraphEvaluation.Run(model, [.. test.Inputs.Select(input => TensorReader.Read(input, null))]);
            for (int i = 0; i < outputs.Length; i++)
            {
                HostTensor expected = TensorReader.Read(test.Outputs[i], null);
                if (outputs[i].Type != expected.Type || !outputs[i].Dims.SequenceEqual(expected.Dims))
                    return $"output {i} is {outputs[i].Type} {outputs[i].DimsText} instead of {expected.Type} {expected.DimsText}";
                if (BackendModel.Difference(outputs[i].ToDoubles(), expected) is { } difference)
                    return $"output {i}: {difference}";
            }

            return null;
        }
        catch (Exception e) when (e is NotMappedException or EbspException)
        {
            return e.Message;
        }
    }

    // Inputs behind the first become constants, because the graph of the compiler has one input.
    private static string? RunMapped(BackendModel test, ModelProto model)
    {
        GraphProto graph = model.Graph;
        ValueInfoProto[] free = [.. graph.Input.Where(input => graph.Initializer.All(t => t.Name != input.Name))];
        for (int i = 1; i < free.Length && i < test.Inputs.Length; i++)
        {
            TensorProto constant = test.Inputs[i].Clone();
            constant.Name = free[i].Name;
            graph.Initializer.Add(constant);
        }

        Graph imported = OnnxImporter.Import(model.ToByteArray());
        double[] actual = [.. imported.RunAsExported(TensorReader.Read(test.Inputs[0], null).Floats!).Select(x => (double)x)];
        HostTensor expected = TensorReader.Read(test.Outputs[0], null);
        // An arg-max marks the class that ONNX gives the number of.
        if (graph.Node[^1].OpType == "ArgMax")
        {
            int classes = actual.Length / expected.Count, pixels = imported.TypeOf(imported.OutputName).Shape is var shape
                ? shape.Height * shape.Width : 1;
            actual = [.. Enumerable.Range(0, expected.Count).Select(i => (double)Enumerable.Range(0, classes)
                .First(c => actual[imported.OutputChannelsLast ? i * classes + c
                    : i / pixels * classes * pixels + c * pixels + i % pixels] == 1.0))];
        }

        return BackendModel.Difference(actual, expected);
    }
}
