using System.Buffers;
using System.Diagnostics;

namespace Ebsp.Emulator.Models;

/// <summary>
/// Runs off the callers' threads, at most as many at once as the host has processors; further ones wait for their turn without a thread.
/// Long runs have threads of their own: the pool is left to what ends the tasks, that is timers, cancellation and whoever awaits.
/// </summary>
#pragma warning disable CA1001 // A semaphore has something to dispose of only once its wait handle was asked for.
internal sealed class BackgroundRuns
#pragma warning restore CA1001
{
    // To start a thread takes about as long as ten images of a tiny network; a run this short may borrow one of the pool.
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    // Of the last run: what the next one will take is known well enough from it.
    private double _secondsPerElement = double.PositiveInfinity;

    /// <summary>Starts a run. Cancellation ends the task at once; the run behind it goes on until it looks at the token.</summary>
    /// <param name="images">What the run reads; the caller's again as soon as the task has ended.</param>
    /// <param name="scores">What the run writes; nobody else's before the task has ended well.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellation">Ends the task.</param>
    public Task<float[]> Start<T>(ReadOnlyMemory<T> images, float[] scores, ReadOnlySpanAction<T, float[]> run,
        CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<float[]>(cancellation);
        if (!cancellation.CanBeCanceled)
            return RunInTurn(images, null, scores, run, cancellation);
        // A canceled task ends before its run does, and its caller may do with his memory what he likes from then on.
        T[] copy = ArrayPool<T>.Shared.Rent(images.Length);
        images.CopyTo(copy);
        Task<float[]> running = RunInTurn(copy.AsMemory(0, images.Length), copy, scores, run, cancellation);
        // Nobody may be left to look at what a run threw after its task was canceled.
        _ = running.ContinueWith(static failed => failed.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return running.WaitAsync(cancellation);
    }

    private async Task<float[]> RunInTurn<T>(ReadOnlyMemory<T> images, T[]? rented, float[] scores, ReadOnlySpanAction<T, float[]> run,
        CancellationToken cancellation)
    {
        try
        {
            await _turns.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                bool isShort = Volatile.Read(ref _secondsPerElement) * images.Length < Short.TotalSeconds;
                TaskCreationOptions thread = isShort
                    ? TaskCreationOptions.DenyChildAttach
                    : TaskCreationOptions.DenyChildAttach | TaskCreationOptions.LongRunning;
                await Task.Factory.StartNew(Measured, cancellation, thread, TaskScheduler.Default).ConfigureAwait(false);
                return scores;
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            if (rented is not null)
                ArrayPool<T>.Shared.Return(rented);
        }

        void Measured()
        {
            long start = Stopwatch.GetTimestamp();
            run(images.Span, scores);
            Volatile.Write(ref _secondsPerElement, Stopwatch.GetElapsedTime(start).TotalSeconds / images.Length);
        }
    }
}
