namespace Ebsp.Compiler.Import;

/// <summary>A file of weights beside a model that its import has read.</summary>
/// <param name="Location">As the model names it, relative to its folder, with /.</param>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">SHA-256 of the bytes that were used, lower-case hexadecimal.</param>
public sealed record ExternalFile(string Location, string Path, long Bytes, string Sha256);
