using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Operations;

/// <summary>The window fields of CONV, DEPTHWISE and POOL, and which source rows and columns its tile touches.</summary>
internal readonly record struct KernelWindow(
    int KernelRows, int KernelColumns, int StrideY, int StrideX, int DilationY, int DilationX, int PadTop, int PadLeft, int SrcRows,
        int SrcColumns)
{
    public static KernelWindow Point { get; } = new(1, 1, 1, 1, 1, 1, 0, 0, 1, 1);

    public static KernelWindow Read(Instruction i) => new(
        (int)i[Field.KernelRows], (int)i[Field.KernelColumns], (int)i[Field.StrideY], (int)i[Field.StrideX], (int)i[Field.DilationY],
            (int)i[Field.DilationX],
        (int)i[Field.PadTop], (int)i[Field.PadLeft], (int)i[Field.SrcRows], (int)i[Field.SrcColumns]);

    public int Taps => KernelRows * KernelColumns;

    /// <summary>Rows from the first tap of the first window to the last tap of the last one, padding included.</summary>
    public int SpanRows(int rows) => (rows - 1) * StrideY + (KernelRows - 1) * DilationY + 1;

    public int SpanColumns(int columns) => (columns - 1) * StrideX + (KernelColumns - 1) * DilationX + 1;

    /// <summary>Source rows up to the last one that a tap falls on: the rows 0 .. the result - 1.</summary>
    public int TouchedRows(int rows) => (int)new KernelAxis(rows, KernelRows, StrideY, DilationY, PadTop, SrcRows).Touched().Last + 1;

    public int TouchedColumns(int columns) => (int)new KernelAxis(columns, KernelColumns, StrideX, DilationX, PadLeft, SrcColumns)
        .Touched().Last + 1;
}
