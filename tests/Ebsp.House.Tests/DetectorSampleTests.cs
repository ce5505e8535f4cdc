using System.Text;
using Ebsp.Samples.Detector;

namespace Ebsp.House.Tests;

/// <summary>samples/Detector finds what is in its picture.</summary>
[TestClass]
public sealed class DetectorSampleTests
{
    [TestMethod]
    public void Run_ThePicture_FindsItsSquares()
    {
        StringBuilder text = new();
        using StringWriter output = new(text);
        IReadOnlyList<Box> found = Program.Run(output);
        Assert.HasCount(Scene.Squares.Count, found, text.ToString());
        foreach ((int left, int top, int edge) in Scene.Squares)
        {
            Box right = new(left, top, left + edge, top + edge, 1);
            Assert.IsGreaterThan(0.5, found.Max(right.Overlap), $"square at {left}, {top}:\n{text}");
        }
    }
}
