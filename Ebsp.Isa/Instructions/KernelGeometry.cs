namespace Ebsp.Isa.Instructions;

/// <summary>The kernel fields of CONV, DEPTHWISE and POOL, and which source rows and columns a tile touches.</summary>
/// <param name="KernelRows">R.</param>
/// <param name="KernelColumns">S.</param>
/// <param name="StrideY">Source rows between output rows.</param>
/// <param name="StrideX">Source columns between output columns.</param>
/// <param name="DilationY">Source rows between taps.</param>
/// <param name="DilationX">Source columns between taps.</param>
/// <param name="PadTop">Rows of padding above.</param>
/// <param name="PadLeft">Columns of padding to the left.</param>
/// <param name="SrcRows">Source rows that exist.</param>
/// <param name="SrcColumns">Source columns that exist.</param>
public readonly record struct KernelGeometry(int KernelRows, int KernelColumns, int StrideY, int StrideX, int DilationY, int DilationX,
    int PadTop, int PadLeft, int SrcRows, int SrcColumns)
{
    /// <summary>One tap on one pixel: what a MATMUL has.</summary>
    public static KernelGeometry Point { get; } = new(1, 1, 1, 1, 1, 1, 0, 0, 1, 1);

    /// <summary>The kernel of an instruction.</summary>
    internal static KernelGeometry Read(Instruction i) => new((int)i[Field.KernelRows], (int)i[Field.KernelColumns],
        (int)i[Field.StrideY], (int)i[Field.StrideX], (int)i[Field.DilationY], (int)i[Field.DilationX],
        (int)i[Field.PadTop], (int)i[Field.PadLeft], (int)i[Field.SrcRows], (int)i[Field.SrcColumns]);

    /// <summary>R * S.</summary>
    public int Taps => KernelRows * KernelColumns;

    /// <summary>Rows from the first tap of the first output row to the last tap of the last one, padding included.</summary>
    /// <param name="rows">Output rows.</param>
    public int SpanRows(int rows) => (rows - 1) * StrideY + (KernelRows - 1) * DilationY + 1;

    /// <summary>Columns from the first tap of the first output column to the last tap of the last one, padding included.</summary>
    /// <param name="columns">Output columns.</param>
    public int SpanColumns(int columns) => (columns - 1) * StrideX + (KernelColumns - 1) * DilationX + 1;

    /// <summary>Positions of the input, padding included, that the windows of some neighboring output pixels have together.</summary>
    /// <param name="rows">Output rows.</param>
    /// <param name="columns">Output columns.</param>
    public int Patch(int rows, int columns) => KernelAxis.Patch(rows, KernelRows, StrideY, DilationY)
        * KernelAxis.Patch(columns, KernelColumns, StrideX, DilationX);

    /// <summary>The kernel along the rows.</summary>
    /// <param name="rows">Output rows.</param>
    public KernelAxis RowAxis(int rows) => new(rows, KernelRows, StrideY, DilationY, PadTop, SrcRows);

    /// <summary>The kernel along the columns.</summary>
    /// <param name="columns">Output columns.</param>
    public KernelAxis ColumnAxis(int columns) => new(columns, KernelColumns, StrideX, DilationX, PadLeft, SrcColumns);

    /// <summary>Source rows up to the last one that a tap falls on: the rows 0 .. the result - 1.</summary>
    /// <param name="rows">Output rows.</param>
    public int TouchedRows(int rows) => (int)RowAxis(rows).Touched().Last + 1;

    /// <summary>Source columns up to the last one that a tap falls on: the columns 0 .. the result - 1.</summary>
    /// <param name="columns">Output columns.</param>
    public int TouchedColumns(int columns) => (int)ColumnAxis(columns).Touched().Last + 1;
}
