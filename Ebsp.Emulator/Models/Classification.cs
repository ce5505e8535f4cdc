namespace Ebsp.Emulator.Models;

/// <summary>The best class of an image.</summary>
/// <param name="Class">Its number, 0 .. classes - 1.</param>
/// <param name="Label">Its name; its number if the model has no names.</param>
/// <param name="Score">Its score, as <see cref="IEbspModel.Run(ReadOnlySpan{byte})"/> gives it.</param>
public readonly record struct Classification(int Class, string Label, float Score);
