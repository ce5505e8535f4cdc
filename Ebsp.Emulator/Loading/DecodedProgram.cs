using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Loading;

/// <summary>A program decoded once, for all its machines.</summary>
/// <param name="Program">What was decoded.</param>
/// <param name="Instructions">The instructions in program order.</param>
/// <param name="OutOfRange">By index of the instruction, the last byte of a range outside its region: executing the instruction
/// traps.</param>
/// <param name="Written">The bytes that the program writes, sorted and merged.</param>
/// <param name="BufferBytes">Bytes of the buffer up to the last one that an instruction reads or writes: a small program does not take all
/// that the machine has.</param>
/// <param name="PsumBytes">The same of psum memory.</param>
internal sealed record DecodedProgram(
    EbspProgram Program, InstructionView[] Instructions, IReadOnlyDictionary<int, (Region Region, long Address)> OutOfRange,
    (Region Region, int First, int End)[] Written, int BufferBytes, int PsumBytes);
