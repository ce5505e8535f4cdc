namespace System.Runtime.CompilerServices;

/// <summary>What the compiler wants for records; netstandard2.0 has it not.</summary>
internal static class IsExternalInit;
