using System.CommandLine;

namespace Ebsp.Cli.Verbs;

/// <summary>Several calls in one process, one after the other: for build tools, which pay the start of the process once.</summary>
internal sealed class BatchVerb : Verb
{
    private readonly Argument<string> _request =
        new("REQUEST.json") { Description =
        "The calls: {\"request\":1,\"calls\":[{\"id\":\"0\",\"arguments\":[\"compile\",\"net.onnx\",\"-o\",\"net.ebsp\"]}]}." };

    private readonly Func<BatchedCall, Terminal, int> _run;

    /// <summary>The verb.</summary>
    /// <param name="run">Runs one call and prints its envelope on a line; gives its exit code.</param>
    public BatchVerb(Func<BatchedCall, Terminal, int> run)
        : base("batch", "Runs the calls of a file one after the other and prints the --json object of each on one line, with its id; a " +
            "call that fails does not stop the others.",
            "ebspc batch request.json")
    {
        Arguments.Add(_request);
        _run = run;
    }

    /// <inheritdoc/>
    public override bool IsOfBatch => false;

    /// <inheritdoc/>
    /// <remarks>The code of the first call that fails; the lines of the calls are all that is printed.</remarks>
    public override int Run(Call call)
    {
        int exit = ExitCode.Success;
        foreach (BatchedCall batched in BatchRequest.Read(call, call.Get(_request)))
        {
            call.Cancellation.ThrowIfCancellationRequested();
            int ended = _run(batched, call.Terminal);
            if (exit == ExitCode.Success)
                exit = ended;
        }

        return exit;
    }

    /// <summary>Whether the batch itself has something to say: its file is refused, or its command line where JSON is asked for.</summary>
    public static bool HasEnvelope(Call call) => call.Diagnostics.Count > 0 && (call.Json || call.Arguments.Errors.Count == 0);
}
