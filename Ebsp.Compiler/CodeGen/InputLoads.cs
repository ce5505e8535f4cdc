using Ebsp.Compiler.Tiling;
using Ebsp.Isa.Instructions;

namespace Ebsp.Compiler.CodeGen;

/// <summary>
/// Loads a resident input some rows at a time, each just before a tile first reads one of them: the first tile need not wait for the
/// whole image.
/// </summary>
internal sealed class InputLoads
{
    // A transfer waits for the latency of DRAM alone; 16 KiB are 320 cycles of the default channel, six times as much.
    private const long ChunkBytes = 16 * 1024;

    private readonly string _input;
    private readonly Placement _placement;
    private readonly int _batch;
    private readonly int _images;
    private readonly int _rows;
    private int _image;
    private int _row;

    public InputLoads(string input, MemoryPlan plan, int batch, OptimizeFor goal)
    {
        (_input, _placement, _batch) = (input, plan.Placements[input], batch);
        long row = _placement.DramPixelBytes * _placement.Shape.Width, image = row * _placement.Shape.Height;
        // Whole images while they are small, else rows of one.
        _images = goal == OptimizeFor.Size ? batch : (int)Math.Clamp(ChunkBytes / image, 1, batch);
        _rows = image <= ChunkBytes || goal == OptimizeFor.Size ? _placement.Shape.Height : (int)Math.Max(1, (ChunkBytes + row - 1) / row);
        if (!_placement.IsResident)
            _image = batch;
    }

    /// <summary>What is to be loaded before rows of a tensor are read.</summary>
    /// <param name="tensor">The tensor; nothing is loaded but the input.</param>
    /// <param name="lastImage">Last image read.</param>
    /// <param name="lastRow">Last row of it read.</param>
    public IEnumerable<(TensorOperand Operand, Tile Tile)> Before(string tensor, int lastImage, int lastRow)
    {
        while (tensor == _input && _image < _batch && (_image < lastImage || (_image == lastImage && _row <= lastRow)))
        {
            TileShape extent = new(Math.Min(_images, _batch - _image), Math.Min(_rows, _placement.Shape.Height - _row),
                _placement.Shape.Width, _placement.Shape.Channels);
            TensorOperand whole = _placement.Operand;
            yield return (whole with { Address = whole.Address + _image * whole.ImagePitch + _row * whole.RowPitch },
                new Tile(_image, _row, 0, 0, extent));
            _row += extent.Rows;
            if (_row == _placement.Shape.Height)
                (_image, _row) = (_image + extent.Images, 0);
        }
    }
}
