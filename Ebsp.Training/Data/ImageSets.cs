using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Training.Data;

/// <summary>Several files of images as one set.</summary>
internal static class ImageSets
{
    /// <summary>The images of all files, in order.</summary>
    /// <exception cref="EbspException">EBSP5002: they are of different sizes, or only some have labels.</exception>
    public static ImageSet Joined(IReadOnlyList<ImageSet> sets)
    {
        if (sets.Count == 1)
            return sets[0];
        ImageSet first = sets[0];
        foreach (ImageSet set in sets)
        {
            if (set.Shape != first.Shape || set.Values is null != first.Values is null || set.Labels is null != first.Labels is null)
                throw DiagnosticDescriptors.TrainingDataMisfit.Error(set.Name, null,
                    $"images of {set.Shape}, {(set.Labels is null ? "without" : "with")} labels, beside {first.Shape} of {first.Name}");
        }

        return first with
        {
            Count = sets.Sum(set => set.Count),
            Pixels = first.Values is null ? [.. sets.SelectMany(Pixels)] : [],
            Values = first.Values is null ? null : [.. sets.SelectMany(set => set.Values!)],
            Load = null,
            Names = null,
            Files = null,
            Labels = first.Labels is null ? null : [.. sets.SelectMany(set => set.Labels!)],
        };
    }

    /// <summary>The images at some places.</summary>
    public static ImageSet Picked(ImageSet set, ReadOnlySpan<int> places)
    {
        int size = (int)set.Shape.Elements;
        byte[] pixels = new byte[set.Values is null ? (long)places.Length * size : 0];
        float[]? values = set.Values is null ? null : new float[(long)places.Length * size];
        for (int i = 0; i < places.Length; i++)
        {
            if (values is null)
                set.PixelsOf(places[i]).CopyTo(pixels.AsSpan(i * size, size));
            else
                set.ValuesOf(places[i]).CopyTo(values.AsSpan(i * size, size));
        }

        return set with
        {
            Count = places.Length, Pixels = pixels, Values = values, Load = null, Names = null, Files = null,
            Labels = set.Labels is null ? null : [.. places.ToArray().Select(place => set.Labels[place])],
        };
    }

    /// <summary>Places of the images that are not, pixel for pixel, among others.</summary>
    public static int[] NotIn(ImageSet set, ImageSet others)
    {
        if (set.Values is not null || others.Values is not null || set.Shape != others.Shape)
            return [.. Enumerable.Range(0, set.Count)];
        HashSet<string> known = [.. Enumerable.Range(0, others.Count).Select(n => Key(others, n))];
        return [.. Enumerable.Range(0, set.Count).Where(n => !known.Contains(Key(set, n)))];

        static string Key(ImageSet images, int n) => Convert.ToBase64String(SHA256.HashData(images.PixelsOf(n)));
    }

    private static byte[] Pixels(ImageSet set)
    {
        if (set.Pixels.Length > 0)
            return set.Pixels;
        return [.. Enumerable.Range(0, set.Count).SelectMany(n => set.PixelsOf(n).ToArray())];
    }
}
