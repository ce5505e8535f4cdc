namespace Ebsp.Emulator;

/// <summary>Watches a run: commit logs, comparison of tiles.</summary>
public interface IInstructionObserver
{
    /// <summary>Called after each instruction, END included, in the order of execution.</summary>
    /// <param name="instruction">Index of the instruction in the program.</param>
    /// <param name="state">The machine's memories, valid during the call.</param>
    void Executed(int instruction, MachineState state);
}
