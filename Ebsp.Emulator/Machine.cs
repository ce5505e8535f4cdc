using System.Buffers.Binary;
using Ebsp.Emulator.Fast;
using Ebsp.Emulator.Literal;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator;

/// <summary>A machine with one program in it. Not safe for use by several threads at once: each takes <see cref="Another"/>.</summary>
public sealed partial class Machine
{
    private readonly Loaded _loaded;
    private readonly Engine _engine;
    private readonly MachineState _state;

    // Kept, so that images leave no garbage.
    private short[]? _integers;
    private readonly int[]?[] _outputs;
    private readonly double[]?[] _channels;

    /// <summary>Decodes a program and allocates its memories.</summary>
    /// <param name="program">A valid program, as the reader and the compiler give it.</param>
    /// <param name="options">How to run it; null takes the fast engine with the host's best kernels.</param>
    /// <exception cref="ArgumentException">An instruction breaks a rule of the instruction table.</exception>
    /// <exception cref="PlatformNotSupportedException">The host lacks the kernel tier that the options name.</exception>
    /// <exception cref="NotSupportedException">A region is larger than an array can be (2 GiB).</exception>
    public Machine(EbspProgram program, MachineOptions? options = null)
        : this(new Loaded(program ?? throw new ArgumentNullException(nameof(program)), options))
    {
    }

    /// <summary>One more machine for a program.</summary>
    /// <exception cref="PlatformNotSupportedException">The host lacks the kernel tier that the options name.</exception>
    /// <exception cref="NotSupportedException">A region is larger than an array can be (2 GiB).</exception>
    internal Machine(Loaded loaded)
    {
        _loaded = loaded;
        _state = new MachineState(loaded.Decoded);
        int outputs = loaded.Program.Io.OtherOutputs.Length + 1;
        (_outputs, _channels) = (new int[]?[outputs], new double[]?[outputs]);
        int patternLength = loaded.Program.Arch.PatternLength;
        _engine = loaded.Plans is null
            ? new LiteralEngine(loaded.Options.Fault ?? ProductTable.For(patternLength))
            : new FastEngine(loaded.Options.Tier, loaded.Plans, patternLength);
    }

    /// <summary>
    /// One more machine with the same program and options, for another thread. It has memories of its own, and shares the decoded program
    /// and the unpacked weights. May be called while this machine runs.
    /// </summary>
    public Machine Another() => new(_loaded);

    /// <summary>Called after each instruction; null for none.</summary>
    public IInstructionObserver? Observer { get; set; }

    /// <summary>The input region, for the host to write before a run. Runs do not change it.</summary>
    public Span<byte> Input => _state.Input;

    /// <summary>The output region as the last run left it.</summary>
    public ReadOnlySpan<byte> Output => _state.Output;

    /// <summary>Executes the whole program once. All memories but the input are zero at the start.</summary>
    /// <param name="cancellation">Looked at before each instruction.</param>
    /// <exception cref="EmulatorTrapException">The program stopped with a trap.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public void Run(CancellationToken cancellation = default)
    {
        _state.Clear();
        foreach (int index in _loaded.Schedule.Order)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_loaded.Decoded.OutOfRange.TryGetValue(index, out (Region Region, long Address) range))
                throw new EmulatorTrapException(TrapKind.AddressFault, index, range.Region, range.Address,
                    "the instruction reaches outside the region");
            _engine.Execute(_state, _loaded.Decoded.Instructions[index]);
            Observer?.Executed(index, _state);
        }

        if (_loaded.Schedule.Blocked >= 0)
            throw new EmulatorTrapException(TrapKind.Deadlock, _loaded.Schedule.Blocked, null, -1,
                "it waits for a counter that nothing will raise");
    }

    /// <summary>Writes image n of the batch from raw pixels.</summary>
    /// <param name="n">0 .. batch - 1.</param>
    /// <param name="pixels">[C][H][W], one byte each, RGB.</param>
    /// <exception cref="ArgumentException">The number of pixels is not C * H * W.</exception>
    public void WriteImage(int n, ReadOnlySpan<byte> pixels)
    {
        short[] integers = IntegersFor(pixels.Length);
        InputEncoder.QuantizePixels(_loaded.Program.Io.Input, pixels, integers);
        InputEncoder.Write(_loaded.Program.Io.Input, integers, Image(n));
    }

    /// <summary>Writes image n of the batch from preprocessed values.</summary>
    /// <param name="n">0 .. batch - 1.</param>
    /// <param name="values">[C][H][W], in the network's channel order.</param>
    /// <exception cref="ArgumentException">The number of values is not C * H * W, or one is not a number.</exception>
    public void WriteImage(int n, ReadOnlySpan<float> values)
    {
        short[] integers = IntegersFor(values.Length);
        InputEncoder.QuantizeValues(_loaded.Program.Io.Input, values, integers);
        InputEncoder.Write(_loaded.Program.Io.Input, integers, Image(n));
    }

    /// <summary>The int32 results of image n, of the first output.</summary>
    /// <param name="n">0 .. batch - 1.</param>
    /// <param name="integers">[C][H][W].</param>
    public void ReadIntegers(int n, Span<int> integers) => ReadIntegers(n, 0, integers);

    /// <summary>The int32 results of image n, of one output.</summary>
    /// <param name="n">0 .. batch - 1.</param>
    /// <param name="index">Which output, from 0.</param>
    /// <param name="integers">[C][H][W].</param>
    public void ReadIntegers(int n, int index, Span<int> integers)
    {
        ProgramOutput output = OutputAt(index);
        CheckImage(n);
        int plane = output.Height * output.Width;
        if (integers.Length != output.Channels * plane)
            throw new ArgumentException($"an output has {output.Channels * plane} elements, not {integers.Length}", nameof(integers));
        int pixelBytes = (output.Channels + 7) / 8 * 32;
        ReadOnlySpan<byte> image = Output.Slice((int)(_loaded.Program.Io.OffsetOf(index) + n * output.ImageBytes), (int)output.ImageBytes);
        for (int c = 0; c < output.Channels; c++)
        {
            for (int pixel = 0; pixel < plane; pixel++)
                integers[c * plane + pixel] = BinaryPrimitives.ReadInt32LittleEndian(image[(pixel * pixelBytes + c * 4)..]);
        }
    }

    /// <summary>The results of image n, of the first output: integer * scale, then softmax or another transform if the program says so, in
    /// double.</summary>
    /// <param name="n">0 .. batch - 1.</param>
    /// <param name="scores">[C][H][W].</param>
    public void ReadScores(int n, Span<float> scores) => ReadScores(n, 0, scores);

    /// <summary>The results of image n, of one output: integer * scale, then softmax or another transform if the program says so, in
    /// double.</summary>
    /// <param name="n">0 .. batch - 1.</param>
    /// <param name="index">Which output, from 0.</param>
    /// <param name="scores">[C][H][W].</param>
    public void ReadScores(int n, int index, Span<float> scores)
    {
        ProgramOutput output = OutputAt(index);
        int plane = output.Height * output.Width;
        int[] integers = _outputs[index] ??= new int[output.Channels * plane];
        if (scores.Length != integers.Length)
            throw new ArgumentException($"an output has {integers.Length} elements, not {scores.Length}", nameof(scores));
        ReadIntegers(n, index, integers);
        OutputTransforms.WriteScores(integers, plane, 1, output.Scale, output.Transform, _channels[index] ??= new double[output.Channels],
            scores);
    }

    private ProgramOutput OutputAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _outputs.Length);
        return index == 0 ? _loaded.Program.Io.Output : _loaded.Program.Io.OtherOutputs[index - 1];
    }

    private short[] IntegersFor(int length)
    {
        ProgramInput input = _loaded.Program.Io.Input;
        int elements = input.Channels * input.Height * input.Width;
        return length == elements
            ? _integers ??= new short[elements]
            : throw new ArgumentException($"an image has {elements} elements, not {length}");
    }

    private Span<byte> Image(int n)
    {
        CheckImage(n);
        long bytes = _loaded.Program.Io.Input.ImageBytes;
        return Input.Slice((int)(n * bytes), (int)bytes);
    }

    private void CheckImage(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(n, _loaded.Program.Io.Batch);
    }
}
