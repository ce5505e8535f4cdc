using System.CommandLine;

namespace Ebsp.Tool;

/// <summary>A verb of a tool: its arguments and what it does.</summary>
internal abstract class Verb : Command
{
    /// <summary>A verb.</summary>
    /// <param name="name">As typed.</param>
    /// <param name="description">One sentence for the help.</param>
    /// <param name="examples">Lines that the help starts with, at least one.</param>
    protected Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Lines that the help starts with.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Whether it may stand in a batch of calls.</summary>
    public virtual bool IsOfBatch => true;

    /// <summary>Does it.</summary>
    /// <returns>The exit code; an exception becomes a diagnostic and its exit code.</returns>
    public abstract int Run(Call call);
}
