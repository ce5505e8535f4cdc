namespace Ebsp.Compiler.Reports;

/// <summary>How often two models give the same class.</summary>
/// <param name="Same">Images with the same answer.</param>
/// <param name="Images">Images.</param>
public sealed record Agreement(int Same, int Images)
{
    /// <summary>Same / images, 0..1.</summary>
    public double Share => (double)Same / Images;

    /// <summary>Compares the class with the highest score of each image; of equal ones the first.</summary>
    /// <param name="scores">N x classes of one model.</param>
    /// <param name="others">N x classes of the other.</param>
    /// <param name="images">N.</param>
    public static Agreement Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> others, int images)
    {
        int classes = scores.Length / images, otherClasses = others.Length / images, same = 0;
        for (int n = 0; n < images; n++)
            same += Answer(scores.Slice(n * classes, classes)) == Answer(others.Slice(n * otherClasses, otherClasses)) ? 1 : 0;
        return new Agreement(same, images);
    }

    private static int Answer(ReadOnlySpan<float> scores)
    {
        int answer = 0;
        for (int c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[answer])
                answer = c;
        }

        return answer;
    }
}
