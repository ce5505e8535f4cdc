namespace System.Runtime.CompilerServices;

// What the compiler looks for to compile init-only properties; netstandard2.0 lacks it.
internal static class IsExternalInit;
