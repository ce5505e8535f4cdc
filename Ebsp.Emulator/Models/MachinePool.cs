using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Models;

/// <summary>Machines with one program in them: one for each run that goes on, kept for the next ones. So there are as many as ever ran at
/// once.</summary>
internal sealed class MachinePool(EbspProgram program, MachineOptions? options)
{
    // The last one returned is the next one out: its memories are the likeliest to be in a cache. A stack under a lock leaves no garbage.
    private readonly Stack<Machine> _idle = new();
    private readonly object _gate = new();

    // Decoded by the first run, not when the model is loaded, and shared by all machines with the weights that they unpack.
    private readonly Lazy<Machine.Loaded> _loaded = new(() => new Machine.Loaded(program, options));

    /// <summary>Machines that wait for a run.</summary>
    public int Idle
    {
        get
        {
            lock (_gate)
                return _idle.Count;
        }
    }

    /// <summary>A machine for one run; a new one if all are busy.</summary>
    public Machine Rent()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out Machine? machine))
                return machine;
        }

        return new Machine(_loaded.Value);
    }

    /// <summary>Takes back a machine whose run has ended. One whose run threw is not given back unless its next run starts afresh all the
    /// same.</summary>
    public void Return(Machine machine)
    {
        lock (_gate)
            _idle.Push(machine);
    }
}
