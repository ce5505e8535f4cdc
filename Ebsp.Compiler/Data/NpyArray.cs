namespace Ebsp.Compiler.Data;

/// <summary>A dense array in C order.</summary>
/// <param name="Shape">Sizes, each at least 0; none for a scalar.</param>
/// <param name="Data">Elements as byte[] (uint8), int[] (int32) or float[] (float32).</param>
public sealed record NpyArray(int[] Shape, Array Data);
