using System.Globalization;
using Ebsp.Evaluation.Execution;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Tests.Machines;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Machine;

namespace Ebsp.Evaluation.Tests.Execution;

[TestClass]
public sealed class ClosedFormTests
{
    private const int Layers = 200;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void ClosedForm_OfRandomLayers_IsNearTheExecutedProgram()
    {
        // One term: a layer that reads the input and does not reduce its channels would need a second pass for the other.
        WeightStationary machine = EbspMachine.Analytic(ArchPresets.Default, inputTerms: 1);
        Random random = new(66 * 73);
        List<(double Error, string Layer)> errors = [];
        for (int i = 0; i < Layers; i++)
            errors.Add(Error(machine, RandomLayers.Next(random, i, 256, 40)));
        Check(errors);
    }

    [TestMethod]
    [DataRow("alexnet")]
    [DataRow("vgg16")]
    [DataRow("resnet18")]
    [DataRow("resnet50")]
    [DataRow("mobilenetv1")]
    [DataRow("mobilenetv2")]
    [DataRow("resnet20")]
    [DataRow("squeezenet")]
    public void ClosedForm_OfANetwork_IsWithinFifteenPercent(string network)
    {
        (double error, string text) = Error(EbspMachine.Analytic(ArchPresets.Default), NetworkReader.Read(network));
        TestContext.WriteLine(text);
        Assert.IsLessThanOrEqualTo(0.15, Math.Abs(error), text);
    }

    private void Check(List<(double Error, string Layer)> errors)
    {
        double[] sorted = [.. errors.Select(row => Math.Abs(row.Error)).Order()];
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"median {100 * sorted[sorted.Length / 2]:0.0} %, worst {100 * sorted[^1]:0.0} %"));
        foreach ((double _, string layer) in errors.OrderByDescending(row => Math.Abs(row.Error)).Take(20))
            TestContext.WriteLine(layer);
        Assert.IsLessThanOrEqualTo(0.05, sorted[sorted.Length / 2]);
        // The worst are short layers whose input takes as long to load as the array takes for all of it.
        Assert.IsLessThanOrEqualTo(0.25, sorted[^1]);
    }

    private static (double Error, string Text) Error(WeightStationary machine, Network network)
    {
        double closed = NetworkResult.Run(machine, network, new Conditions()).Cycles,
            executed = ExecutedEbsp.Run(machine, network, new Conditions()).Cycles;
        object what = network.Layers.Length == 1 ? network.Layers[0] : network.Name;
        double error = closed / executed - 1;
        return (error, string.Create(CultureInfo.InvariantCulture,
            $"{100 * error:+0.0;-0.0} %: closed {closed:0}, executed {executed:0}: {what}"));
    }
}
