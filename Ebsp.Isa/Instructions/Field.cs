namespace Ebsp.Isa.Instructions;

#pragma warning disable CS1591 // What a field means stands in the instruction table, once.

/// <summary>Names of instruction fields. The five fields of a tensor operand follow one another.</summary>
public enum Field : byte
{
    // Header, the same in every row.
    Signal, Wait0Counter, Wait1Counter, Wait0Value, Wait1Value,

    // Tensor operands: address, format and pitches.
    SrcAddress, SrcFormat, SrcPixelPitch, SrcRowPitch, SrcImagePitch,
    AddAddress, AddFormat, AddPixelPitch, AddRowPitch, AddImagePitch,
    DstAddress, DstFormat, DstPixelPitch, DstRowPitch, DstImagePitch,

    // Extents of the tile that is written.
    Images, Rows, Columns, Channels,

    // Windows.
    KernelRows, KernelColumns, StrideY, StrideX, DilationY, DilationX, PadTop, PadLeft, SrcRows, SrcColumns,

    // PE array.
    SrcChannels, Groups, Multiplier, WeightAddress, WeightFormat, WeightCoding, Start, BiasAddress, PsumAddress,
    UnrollRows, UnrollColumns,

    // Vector and pool.
    SrcSpace, Mode, Term, Constants, AddFirstGroup, AddGroups,

    // Load and store.
    DramRegion, DramAddress, ElementBits, ChannelGroups, DramPixelPitch, DramRowPitch, DramImagePitch,
    BufferAddress, BufferPixelPitch, BufferRowPitch, BufferImagePitch,

    // Host.
    Step, SrcImageRows, SrcImageColumns, SrcImageChannels,

    // Control.
    TargetUnit, Wait2Counter, Wait3Counter, Wait4Counter, Wait5Counter, Wait2Value, Wait3Value, Wait4Value, Wait5Value, Label,
}
