using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Tracing;

/// <summary>A run of a program as Chrome trace-event JSON, which Perfetto and chrome://tracing show (docs/trace.md). 1 us stands for one
/// cycle.</summary>
public static class ChromeTrace
{
    /// <summary>Largest trace that <see cref="Finest"/> chooses, in bytes: what a browser still opens.</summary>
    public const long MaxBytes = 50_000_000;

    /// <summary>The finest detail whose trace is not larger than <see cref="MaxBytes"/>; layers if none is.</summary>
    /// <param name="program">A valid program.</param>
    /// <param name="timing">A machine with other timing fields; null for the program's own.</param>
    /// <exception cref="ArgumentException">The machine differs in structural fields; the message names them.</exception>
    public static TraceDetail Finest(EbspProgram program, ArchSpec? timing = null)
    {
        for (TraceDetail detail = TraceDetail.Instruction; detail < TraceDetail.Layer; detail++)
        {
            using CountingStream size = new();
            Write(size, program, timing, detail);
            if (size.Length <= MaxBytes)
                return detail;
        }

        return TraceDetail.Layer;
    }

    /// <summary>Times a program and writes its trace.</summary>
    /// <param name="output">Receives UTF-8 JSON as it arises.</param>
    /// <param name="program">A valid program.</param>
    /// <param name="timing">A machine with other timing fields; null for the program's own.</param>
    /// <param name="detail">What one span stands for.</param>
    /// <returns>The report of the same run.</returns>
    /// <exception cref="ArgumentException">The machine differs in structural fields; the message names them.</exception>
    public static TimingReport Write(Stream output, EbspProgram program, ArchSpec? timing = null,
        TraceDetail detail = TraceDetail.Instruction)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(program);
        using TraceWriter writer = new(output, program, detail);
        TimingReport report = TimingModel.Run(program, timing, writer);
        writer.Finish(report, timing ?? program.Arch);
        return report;
    }
}
