using System.Globalization;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Isa.Verification;

/// <summary>
/// Proves of a valid program, without data, that it ends, that its result does not depend on when units start, that it reads nothing that
/// was not written, and that operands are the feature maps that the layer map says (docs/verifier.md).
/// </summary>
/// <remarks>Near-linear in the number of instructions and of the contiguous runs that they access; no order of units is tried
/// out.</remarks>
public sealed class ProgramVerifier
{
    /// <summary>Findings after which the search ends.</summary>
    public const int MaxFindings = 64;

    // Seconds of work; the largest networks need a hundredth of it.
    private const long MaxRuns = 1L << 26;
    private const long MaxVisits = 1L << 32;

    private readonly EbspProgram _program;
    private readonly List<VerifierFinding> _findings = [];
    private readonly HappensBefore _order;
    private readonly OperandCheck _operands;
    private readonly RegionShadow?[] _shadows = new RegionShadow?[(int)Region.Psum + 1];
    private readonly List<(int Writer, int Segment)> _writers = [];

    private ProgramVerifier(EbspProgram program)
    {
        _program = program;
        _order = new HappensBefore(program);
        _operands = new OperandCheck(program, Report);
    }

    /// <summary>Verifies a program.</summary>
    /// <param name="program">A program that <see cref="ProgramValidator"/> accepts.</param>
    /// <returns>The findings, by instruction and rule; at most <see cref="MaxFindings"/>. Empty: everything is proved.</returns>
    public static IReadOnlyList<VerifierFinding> Check(EbspProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        ProgramVerifier verifier = new(program);
        if (verifier.EndsAlways(out ExecutionOrder order))
            verifier.CheckMemory(order);
        return [.. verifier._findings.OrderBy(finding => finding.Instruction).ThenBy(finding => finding.Rule)];
    }

    /// <summary>Opens a file and proves that it runs to its end with one result (docs/verifier.md).</summary>
    /// <param name="file">The whole file; weights, tables and model of the program are slices of it, so it must not change.</param>
    /// <param name="runOn">The machine, or null for the one of the file.</param>
    /// <exception cref="EbspFormatException">The file breaks a rule, the machines differ in structural fields, or the verifier's first
    /// finding.</exception>
    public static EbspProgram Open(ReadOnlyMemory<byte> file, ArchSpec? runOn = null)
    {
        EbspProgram program = ProgramReader.Open(file, runOn);
        return Check(program) is not [var finding, ..] ? program
            : throw new EbspFormatException(finding.Code, ProgramReader.OffsetOf(file, finding.Instruction),
                program.Describe(finding.Instruction), finding.Cause);
    }

    private bool EndsAlways(out ExecutionOrder order)
    {
        int[] signals = new int[256];
        foreach (Instruction instruction in _program.Code)
            signals[instruction[Field.Signal]]++;
        for (int i = 0; i < _program.Code.Length; i++)
        {
            foreach (CounterWait wait in CounterWait.Of(_program.Code[i]))
            {
                if (wait.Value > signals[wait.Counter])
                    Report(VerifierRule.Unreachable, i, null, -1,
                        $"it waits until counter {wait.Counter} is {wait.Value}, but only {signals[wait.Counter]} instructions signal it");
            }
        }

        order = ExecutionOrder.Of(_program, null);
        if (_findings.Count == 0 && order.Blocked >= 0)
            ReportDeadlock(order);
        return _findings.Count == 0;
    }

    private void ReportDeadlock(ExecutionOrder order)
    {
        bool[] executed = new bool[_program.Code.Length];
        int[] counters = new int[256];
        foreach (int i in order.Order)
        {
            executed[i] = true;
            counters[_program.Code[i][Field.Signal]]++;
        }

        CounterWait missing = CounterWait.Of(_program.Code[order.Blocked]).First(wait => counters[wait.Counter] < wait.Value);
        int signaller = Enumerable.Range(0, executed.Length).First(i => !executed[i] && _program.Code[i][Field.Signal] == missing.Counter);
        Report(VerifierRule.Deadlock, order.Blocked, null, signaller,
            $"it waits until counter {missing.Counter} is {missing.Value}; the counter stops at {
                counters[missing.Counter]}, since instruction {signaller}, the next to signal it, is never reached with queues of {
                _program.Arch.QueueDepth}");
    }

    private void CheckMemory(ExecutionOrder order)
    {
        PitchedRange[][] ranges = [.. _program.Code.Select(instruction => InstructionView.Of(instruction).Ranges())];
        PitchedRange[] outputs = [.. _program.Io.Outputs.Select((output, i) => new PitchedRange(Field.DramAddress, Region.Output, false,
            _program.Io.OffsetOf(i), _program.Io.Batch * output.ImageBytes))];
        if (!Prepare(ranges, outputs))
            return;
        List<int>?[] writersOf = [];
        foreach (int index in order.Order)
        {
            Instruction instruction = _program.Code[index];
            VectorClock start = _order.Start(index, instruction);
            Array.Resize(ref writersOf, Math.Max(writersOf.Length, ranges[index].Length));
            for (int r = 0; r < ranges[index].Length; r++)
            {
                PitchedRange range = ranges[index][r];
                writersOf[r] = null;
                if (_shadows[(int)range.Region] is not { } shadow)
                    continue;
                if (range.Write)
                    Write(index, range.Merged(), shadow, start);
                else
                    writersOf[r] = Read(index, range.Merged(), shadow, start);
            }

            _operands.Add(index, ranges[index], writersOf);
            if (_findings.Count >= MaxFindings || Exhausted(index))
                return;
        }

        for (int i = 0; i < outputs.Length; i++)
            CheckOutput(outputs[i], _program.Io.Outputs[i]);
    }

    // Region by region what is accessed, where somebody writes at all; false if that is too much.
    private bool Prepare(PitchedRange[][] ranges, PitchedRange[] outputs)
    {
        List<PitchedRange>[] byRegion = [.. _shadows.Select(_ => new List<PitchedRange>())];
        byRegion[(int)Region.Output].AddRange(outputs);
        long runs = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            foreach (PitchedRange range in ranges[i])
            {
                if (range.Region is not (Region.Output or Region.Arena or Region.Buffer or Region.Psum))
                    continue;
                PitchedRange merged = range.Merged();
                if ((runs += merged.Runs) > MaxRuns)
                {
                    Report(VerifierRule.Limit, i, null, -1,
                        $"the instructions up to here access more than {MaxRuns} contiguous runs of bytes");
                    return false;
                }

                byRegion[(int)range.Region].Add(merged);
            }
        }

        for (int region = 0; region < byRegion.Length; region++)
        {
            if (byRegion[region].Count > 0)
                _shadows[region] = new RegionShadow(byRegion[region], ranges.Length);
        }

        return true;
    }

    private List<int> Read(int index, in PitchedRange range, RegionShadow shadow, VectorClock start)
    {
        shadow.WritersOf(range, _writers);
        List<int> writers = new(_writers.Count);
        bool racing = false;
        foreach ((int writer, int segment) in _writers)
        {
            if (writer < 0)
                Report(VerifierRule.Uninitialized, index, shadow.Bytes(segment, range), -1,
                    $"it reads {Text(shadow.Bytes(segment, range))}, which nothing has written");
            else
                writers.Add(writer);
            if (writer >= 0 && !racing && Unordered(writer, index, start))
                racing = ReportRace(index, shadow.Bytes(segment, range), writer);
        }

        shadow.Read(range, (int)_program.Code[index].Unit, _order.Ordinals[index]);
        return writers;
    }

    private void Write(int index, in PitchedRange range, RegionShadow shadow, VectorClock start)
    {
        shadow.WritersOf(range, _writers);
        bool racing = false;
        foreach ((int writer, int segment) in _writers)
        {
            if (!racing && writer >= 0 && Unordered(writer, index, start))
                racing = ReportRace(index, shadow.Bytes(segment, range), writer);
        }

        for (int unit = 0; unit < VectorClock.Units && !racing; unit++)
        {
            if (unit != (int)_program.Code[index].Unit && shadow.ReaderAfter(range, unit, start[unit]) is { Segment: >= 0 } reader)
                racing = ReportRace(index, shadow.Bytes(reader.Segment, range), _order.Orders[unit][reader.Ordinal - 1]);
        }

        shadow.Write(range, index);
    }

    private void CheckOutput(PitchedRange output, ProgramOutput io)
    {
        RegionShadow shadow = _shadows[(int)Region.Output]!;
        shadow.WritersOf(output, _writers);
        int end = _program.Code.Length - 1;
        if (_writers.Find(writer => writer.Writer < 0) is { Writer: < 0 } hole)
            Report(VerifierRule.Output, end, shadow.Bytes(hole.Segment, output), -1,
                $"the host reads {Text(shadow.Bytes(hole.Segment, output))} at the end, which nothing has written");
        else
            _operands.CheckOutput(io.Name, Pixels(output, io), [.. _writers.Select(writer => writer.Writer)]);
    }

    private PitchedRange Pixels(PitchedRange output, ProgramOutput io)
    {
        long pixel = (io.Channels + 7) / 8 * 32L;
        return output with
        {
            RunBytes = pixel, Columns = io.Width, PixelPitch = pixel, Rows = io.Height, RowPitch = pixel * io.Width,
                Images = _program.Io.Batch, ImagePitch = io.ImageBytes,
        };
    }

    private bool Unordered(int earlier, int later, VectorClock start)
    {
        int unit = (int)_program.Code[earlier].Unit;
        return unit != (int)_program.Code[later].Unit && start[unit] < _order.Ordinals[earlier];
    }

    private bool Exhausted(int index)
    {
        if (_shadows.Sum(shadow => shadow?.Visited ?? 0) <= MaxVisits)
            return false;
        Report(VerifierRule.Limit, index, null, -1, $"the instructions up to here touch more than {MaxVisits} pieces of memory");
        return true;
    }

    private bool ReportRace(int index, MemoryRange bytes, int other)
    {
        Report(VerifierRule.Race, index, bytes, other,
            $"it {(bytes.Write ? "writes" : "reads")} {Text(bytes)}, and nothing orders it and instruction {other} ({
                _program.Code[other].Definition.Mnemonic}), which touches them too");
        return true;
    }

    private static string Text(MemoryRange bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes.Region.ToString().ToLowerInvariant()}[0x{bytes.Start:X}..0x{bytes.End:X})");

    private void Report(VerifierRule rule, int index, MemoryRange? bytes, int other, FormattableString cause) =>
        Report(new VerifierFinding(rule, index, _program.Code[index].Unit, bytes, other, cause.ToString(CultureInfo.InvariantCulture)));

    private void Report(VerifierFinding finding)
    {
        if (_findings.Count < MaxFindings)
            _findings.Add(finding);
    }
}
