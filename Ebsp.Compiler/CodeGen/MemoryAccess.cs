using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

/// <summary>Bytes that an instruction reads or writes.</summary>
/// <param name="Region">Address space.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">First byte after the last.</param>
/// <param name="IsWrite">Whether they are written.</param>
public readonly record struct MemoryAccess(Region Region, long Start, long End, bool IsWrite);
