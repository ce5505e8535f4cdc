namespace Ebsp.Compiler.Data;

/// <summary>How to read a set of images.</summary>
public sealed record DataOptions
{
    /// <summary>Largest number of images, at least 1; the first ones are read and the rest is not decoded. Null reads all.</summary>
    public int? Count { get; init; }

    /// <summary>File of labels (an IDX file, or text with <c>class</c> or <c>name,class</c> a line; names choose and order the pictures of
    /// a folder or zip); null takes the labels that come with the data.</summary>
    public string? LabelsPath { get; init; }

    /// <summary>Whether labels in a file of their own beside the images (IDX) are looked for.</summary>
    public bool FindLabels { get; init; } = true;

    /// <summary>Added to every label: 1 for networks that have a background class at 0.</summary>
    public int LabelOffset { get; init; }

    /// <summary>Rows and columns of the images of a <c>.med.br</c> file without labels; null takes them from <c>rgbN</c> in its
    /// name.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>Shape of the network's input, which arrays and rows of numbers follow; null takes arrays as N x C x H x W.</summary>
    public Ir.Shape? Input { get; init; }

    /// <summary>Whether the network itself reads N x H x W x C, so that vectors have that order too.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Channels of pictures, 1 or 3: gray is repeated, color becomes its luma; null takes those of the first picture.</summary>
    public int? Channels { get; init; }

    /// <summary>Scales raw pixels (antialiased bilinear); null leaves their size.</summary>
    public ImageSize? Resize { get; init; }

    /// <summary>Keeps the center of raw pixels, after <see cref="Resize"/>; null keeps all.</summary>
    public ImageSize? Crop { get; init; }
}
