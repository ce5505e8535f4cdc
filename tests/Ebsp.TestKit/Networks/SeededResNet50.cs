using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.TestKit.Networks;

/// <summary>
/// A model of real size that needs no data: ResNet-50 at 224 x 224 with seeded weights, 6-bit(3) throughout, as the quantizer would store
/// it. 25.5 M weights: the .pb holds a byte each (25.8 MB), the .ebsp five bits (16.5 MB).
/// </summary>
public static class SeededResNet50
{
    /// <summary>The 25,502,912 weights of the network, and those of its first layer again for the second term of the input.</summary>
    public const long Weights = 25_502_912 + 9_408;

    private static readonly Lazy<byte[]> IntegerFile = new(() => GraphFile.Serialize(SeededNetwork.ResNet50()));
    private static readonly Lazy<byte[]> ProgramFile =
        new(() => ProgramWriter.Write(NetworkPrograms.Compile(SeededNetwork.ResNet50(), ArchPresets.Default, 1)));

    /// <summary>The quantized .pb, for an EbspModel item or <c>ebspc compile</c>.</summary>
    public static byte[] Integers => IntegerFile.Value;

    /// <summary>The .ebsp file for the default machine, one image a run.</summary>
    public static byte[] Program => ProgramFile.Value;
}
