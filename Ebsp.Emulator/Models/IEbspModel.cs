using System.Collections.Immutable;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Models;

/// <summary>
/// A network that is ready to answer: what every class made from an EbspModel item implements, and what a test's stand-in for one
/// implements. All members may be called by several threads at once.
/// </summary>
/// <remarks>
/// Images stand one after another, [n][C][H][W] with C, H and W of <see cref="Input"/>; n may be any number from 1 on. They go through the
/// machine in groups of <see cref="Batch"/>; a last group that is not full is filled with zero images, whose results are dropped. Results
/// are [n][C][H][W] with C, H and W of <see cref="Output"/>: usually n x classes. Of a model with several outputs Run gives the first one,
/// and RunOutputs all of them. A run that meets a trap throws
/// <see cref="EmulatorTrapException"/>, or its task does; a program that the compiler wrote has none.
/// </remarks>
public interface IEbspModel
{
    /// <summary>Name, shape, number format and preprocessing of an image.</summary>
    ProgramInput Input { get; }

    /// <summary>Name, shape, scale and transform of an image's results.</summary>
    ProgramOutput Output { get; }

    /// <summary>All outputs in order, <see cref="Output"/> the first; most models have one.</summary>
    ImmutableArray<ProgramOutput> Outputs => [Output];

    /// <summary>Images of one run of the machine, 1..4095.</summary>
    int Batch { get; }

    /// <summary>A name for each class; empty if the model has none.</summary>
    ImmutableArray<string> Labels { get; }

    /// <summary>The machine that the model was compiled for: its array and its clock, at which cycles are time.</summary>
    ArchSpec Arch { get; }

    /// <summary>Cycles, stalls and action counts of one run of the machine, that is of <see cref="Batch"/> images; made when it is first
    /// asked for.</summary>
    TimingReport Timing { get; }

    /// <summary>The scores of raw images: the preprocessing that is part of the model is done here.</summary>
    /// <param name="pixels">[n][C][H][W], one byte each, 0..255; the channels in the order R, G, B also where the network wants B, G,
    /// R.</param>
    /// <returns>n x the elements of an output.</returns>
    /// <exception cref="ArgumentException">The number of pixels is not that of one or more images.</exception>
    float[] Run(ReadOnlySpan<byte> pixels);

    /// <summary>The scores of images that are already preprocessed.</summary>
    /// <param name="values">[n][C][H][W], in the units and the channel order that the network was trained on.</param>
    /// <returns>n x the elements of an output.</returns>
    /// <exception cref="ArgumentException">The number of values is not that of one or more images, or one is not a number.</exception>
    float[] Run(ReadOnlySpan<float> values);

    /// <summary>All outputs of raw images.</summary>
    /// <param name="pixels">[n][C][H][W], one byte each, 0..255; R, G, B.</param>
    /// <returns>For each of <see cref="Outputs"/> n x its elements.</returns>
    /// <exception cref="ArgumentException">The number of pixels is not that of one or more images.</exception>
    float[][] RunOutputs(ReadOnlySpan<byte> pixels) => [Run(pixels)];

    /// <summary>All outputs of images that are already preprocessed.</summary>
    /// <param name="values">[n][C][H][W], in the units and the channel order that the network was trained on.</param>
    /// <returns>For each of <see cref="Outputs"/> n x its elements.</returns>
    /// <exception cref="ArgumentException">The number of values is not that of one or more images, or one is not a number.</exception>
    float[][] RunOutputs(ReadOnlySpan<float> values) => [Run(values)];

    /// <summary>The scores of raw images, without allocating memory once the model has run as often at the same time before.</summary>
    /// <param name="pixels">[n][C][H][W], one byte each, 0..255; R, G, B.</param>
    /// <param name="scores">Exactly n x the elements of an output; unspecified after an exception.</param>
    /// <exception cref="ArgumentException">The number of pixels is not that of one or more images, or that of scores does not fit
    /// it.</exception>
    void Run(ReadOnlySpan<byte> pixels, Span<float> scores);

    /// <summary>The scores of images that are already preprocessed, without allocating memory once the model has run as often at the same
    /// time before.</summary>
    /// <param name="values">[n][C][H][W], in the units and the channel order that the network was trained on.</param>
    /// <param name="scores">Exactly n x the elements of an output; unspecified after an exception.</param>
    /// <exception cref="ArgumentException">The number of values is not that of one or more images, one is not a number, or the number of
    /// scores does not fit.</exception>
    void Run(ReadOnlySpan<float> values, Span<float> scores);

    /// <summary>The machine's own results of raw images: int32 in units of the output's scale, before softmax, log-softmax or
    /// arg-max.</summary>
    /// <param name="pixels">[n][C][H][W], one byte each, 0..255; R, G, B.</param>
    /// <returns>n x the elements of an output.</returns>
    /// <exception cref="ArgumentException">The number of pixels is not that of one or more images.</exception>
    int[] RunIntegers(ReadOnlySpan<byte> pixels);

    /// <summary>The machine's own results of images that are already preprocessed: int32 in units of the output's scale, before softmax,
    /// log-softmax or arg-max.</summary>
    /// <param name="values">[n][C][H][W], in the units and the channel order that the network was trained on.</param>
    /// <returns>n x the elements of an output.</returns>
    /// <exception cref="ArgumentException">The number of values is not that of one or more images, or one is not a number.</exception>
    int[] RunIntegers(ReadOnlySpan<float> values);

    /// <summary>The scores of raw images, computed on another thread.</summary>
    /// <param name="pixels">[n][C][H][W], one byte each, 0..255; R, G, B. Not read after the task has ended, however it ended.</param>
    /// <param name="cancellation">Ends the task within 100 ms, also in the middle of a long instruction.</param>
    /// <exception cref="ArgumentException">The number of pixels is not that of one or more images; thrown by the call itself.</exception>
    Task<float[]> RunAsync(ReadOnlyMemory<byte> pixels, CancellationToken cancellation = default);

    /// <summary>The scores of images that are already preprocessed, computed on another thread.</summary>
    /// <param name="values">[n][C][H][W], in the units and the channel order that the network was trained on. Not read after the task has
    /// ended, however it ended.</param>
    /// <param name="cancellation">Ends the task within 100 ms, also in the middle of a long instruction.</param>
    /// <exception cref="ArgumentException">The number of values is not that of one or more images; thrown by the call itself.</exception>
    Task<float[]> RunAsync(ReadOnlyMemory<float> values, CancellationToken cancellation = default);
}
