namespace Ebsp.Compiler.Output;

/// <summary>What files say of the program that wrote them.</summary>
public static class Producer
{
    /// <summary>Name of the compiler.</summary>
    public const string Name = "ebspc";

    /// <summary>Version of the compiler.</summary>
    public const string Version = "0.1.0";
}
