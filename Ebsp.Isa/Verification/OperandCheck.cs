using System.Globalization;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Isa.Verification;

/// <summary>
/// Follows what the bytes in memory are, tile by tile: the layer map says it of results, LOAD and STORE move it. So an operand that is
/// read in another format, straddles tensors, holds what an earlier tile has left, or leaves its tensor is found without data.
/// </summary>
internal sealed class OperandCheck
{
    private readonly EbspProgram _program;
    private readonly Content?[] _contents;
    private readonly TensorShape[] _tensors;
    private readonly MappedPart[] _parts;
    private readonly TileContent _input;
    private readonly Action<VerifierFinding> _report;
    private readonly Dictionary<(int Tensor, Field Operand, string Source), (int Instruction, Coordinate Place)> _windows = [];

    /// <summary>Prepares a program.</summary>
    public OperandCheck(EbspProgram program, Action<VerifierFinding> report)
    {
        (_program, _report) = (program, report);
        _contents = new Content?[program.Code.Length];
        _tensors = [.. program.Layers.Tensors.Select(tensor => new TensorShape(tensor.Name, tensor.Channels, tensor.Height, tensor.Width))];
        _parts = [.. program.Layers.Parts];
        ProgramInput input = program.Io.Input;
        _input = new TileContent(input.Format, new TensorShape(input.Name, input.Terms * input.Channels, input.Height, input.Width),
            default,
            Dense(Field.DramAddress, Region.Input, 0, program.Io.Batch, input.Height, input.Width, (long)input.Groups * input.Format.Bits),
                input.Format.Bits);
    }

    /// <summary>Checks the operands of an instruction and notes what it writes.</summary>
    /// <param name="index">The instruction.</param>
    /// <param name="ranges">Its ranges.</param>
    /// <param name="writersOf">The writers of a range that it reads, without those that nobody wrote; null for ranges that are not
    /// followed.</param>
    public void Add(int index, PitchedRange[] ranges, List<int>?[] writersOf)
    {
        InstructionView i = InstructionView.Of(_program.Code[index], index);
        if (i is TransferInstruction transfer)
        {
            Transfer(transfer, ranges[0], ranges[1], writersOf[0]);
            return;
        }

        MappedTile? tile = _program.Layers.TileOf(index);
        for (int r = 0; r < ranges.Length; r++)
        {
            PitchedRange range = ranges[r];
            if (range.Write)
            {
                _contents[index] = Result(i, range, tile);
            }
            else if (writersOf[r] is { } writers)
            {
                if (range.Operand is Field.WeightAddress or Field.BiasAddress)
                    CheckWeights(index, range, writers);
                else if (range.Operand == Field.PsumAddress)
                    CheckFormats(index, range, PatternFormat.Int32, writers);
                else
                    CheckTensor(i, range, tile, writers);
            }
        }
    }

    /// <summary>Checks what the host reads at the end as an output of a name.</summary>
    public void CheckOutput(string name, PitchedRange range, List<int> writers)
    {
        int end = _program.Code.Length - 1;
        if (!CheckFormats(end, range, PatternFormat.Int32, writers))
            return;
        TileContent? output = Locate(end, range, 32, writers);
        if (output is not null && output.First != default)
            Report(VerifierRule.Operand, end, range, writers[0],
                $"the host reads the output from {Text(output.First)} of tensor {output.Tensor.Name} on, not from its first element");
        else if (writers.TrueForAll(writer => _contents[writer] is not TileContent)
            && Array.Exists(_tensors, tensor => tensor.Name == name))
            Report(VerifierRule.Operand, end, range, writers[0],
                $"the host reads as output what is no tile of tensor {name}");
    }

    private void Transfer(TransferInstruction i, PitchedRange from, PitchedRange to, List<int>? writers)
    {
        if (from.Region == Region.Weights && i.Bits == 8 && from.Runs == 1)
        {
            _contents[i.Index] = new WeightContent(from.Start - to.Start);
            return;
        }

        _contents[i.Index] = Content.Unknown;
        if (!(from.Region == Region.Input || writers is { Count: > 0 }))
            return;
        List<Content> contents = from.Region == Region.Input ? [_input] : [.. writers!.Select(writer => _contents[writer]!)];
        // What is moved and is no feature map is not followed.
        if (!contents.TrueForAll(content => content is ElementContent))
            return;
        PatternFormat format = ((ElementContent)contents[0]).Format;
        foreach (ElementContent content in contents.Cast<ElementContent>())
        {
            int writer = writers is { Count: > 0 } ? writers[contents.IndexOf(content)] : -1;
            if (content.Format.Bits != i.Bits)
            {
                Report(VerifierRule.Format, i.Index, from, writer,
                    $"it moves elements of {i.Bits} bits, but {Written(writer)} wrote {content.Format}");
                return;
            }
        }

        long fromBytes = i.Store ? 8 * format.SlotBytes : i.Bits, toBytes = i.Store ? i.Bits : 8 * format.SlotBytes;
        _contents[i.Index] = Locate(i.Index, from, fromBytes, writers ?? [], contents) is { } piece
            ? piece with { Place = to, GroupBytes = toBytes } : new ElementContent(format);
    }

    private Content Result(InstructionView i, PitchedRange range, MappedTile? tile)
    {
        PatternFormat format = FormatOf(i, range.Operand);
        if (tile is not { } t)
            return new ElementContent(format);
        if (i is ArrayInstruction { Tile: var sums })
            range = Dense(range.Operand, range.Region, range.Start, sums.Images, sums.Rows, sums.Columns,
                TensorOperand.PixelBytes(sums.Channels, format));

        return new TileContent(format, _tensors[t.Tensor], new Coordinate(t.FirstImage, t.FirstRow, t.FirstColumn, t.FirstChannel / 8),
            range, 8 * format.SlotBytes);
    }

    private void CheckWeights(int index, PitchedRange range, List<int> writers)
    {
        long? offset = null;
        foreach (int writer in writers)
        {
            if (_contents[writer] is ElementContent)
                Report(VerifierRule.Weights, index, range, writer,
                    $"it reads weights or biases that {Written(writer)} wrote, which moves none");
            else if (_contents[writer] is WeightContent weights && (offset ??= weights.Offset) != weights.Offset)
                Report(VerifierRule.Weights, index, range, writer,
                    $"what it reads as weights or biases is not one stretch of the weights region: {
                        Written(writer)} brought a part from elsewhere");
            else
                continue;
            return;
        }
    }

    private void CheckTensor(InstructionView i, PitchedRange range, MappedTile? tile, List<int> writers)
    {
        int index = i.Index;
        PatternFormat format = FormatOf(i, range.Operand);
        if (!CheckFormats(index, range, format, writers) || Locate(index, range, 8 * format.SlotBytes, writers) is not { } piece
            || tile is not { } t)
            return;
        if (RelativeTo(t, i, range.Operand, piece) is not { } place)
            return;
        if (!_windows.TryAdd((t.Tensor, range.Operand, piece.Tensor.Name), (index, place))
            && _windows[(t.Tensor, range.Operand, piece.Tensor.Name)] is var first && first.Place != place)
        {
            Report(VerifierRule.Window, index, range, first.Instruction,
                $"it reads tensor {piece.Tensor.Name} from {
                    Text(piece.First)} on, not at the place relative to its tile at which instruction {first.Instruction} reads it");
        }
    }

    private bool CheckFormats(int index, PitchedRange range, PatternFormat format, List<int> writers)
    {
        foreach (int writer in writers)
        {
            if (_contents[writer] is ElementContent content && !Reads(format, content.Format))
            {
                Report(VerifierRule.Format, index, range, writer, $"it reads {format}, but {Written(writer)} wrote {content.Format}");
                return false;
            }
        }

        return true;
    }

    // Unsigned codes are the values themselves, so a plain format reads every narrower one.
    private static bool Reads(PatternFormat read, PatternFormat written) => read == written
        || (!read.Signed && !written.Signed && !read.IsPattern && read.Bits <= 8 && read.Bits >= written.Bits);

    private TileContent? Locate(int index, PitchedRange range, long groupBytes, List<int> writers) =>
        writers.Count > 0 ? Locate(index, range, groupBytes, writers, [.. writers.Select(writer => _contents[writer]!)]) : null;

    // The piece of a tensor that a range reads; null if it cannot be told, or is none, which is reported. Pixels of parts may be read as
    // those of the tensor that they were assembled to.
    private TileContent? Locate(int index, PitchedRange range, long groupBytes, List<int> writers, List<Content> contents)
    {
        if (_parts.Length > 0)
        {
            if (LocatePiece(index, range, groupBytes, writers, contents, isTrial: true) is { } own)
                return own;
            // Parts of one tensor; else each as the outermost, or as the innermost tensor that it is a part of.
            string?[] trials = [.. contents.OfType<TileContent>().SelectMany(tile => _parts.Where(part =>
                _tensors[part.Tensor] == tile.Tensor)).Select(part => part.Into).Distinct(), OutermostTrial, null];
            foreach (string? into in trials)
            {
                List<Content> assembled = [.. contents.Select(content => AsPartOf(content, into) ?? content)];
                TellChannelsApart(assembled);
                if (LocatePiece(index, range, groupBytes, writers, assembled, isTrial: true) is { } piece)
                    return piece;
            }
        }

        return LocatePiece(index, range, groupBytes, writers, contents, isTrial: false);
    }

    // Parts of one tensor may be other channels of it: then they are no tiles of one tensor.
    private static void TellChannelsApart(List<Content> contents)
    {
        for (int i = 1; i < contents.Count && contents[0] is TileContent first && first.Place.PixelPitch > 0; i++)
        {
            if (contents[i] is not TileContent tile || tile.Tensor != first.Tensor || tile.Place.PixelPitch != first.Place.PixelPitch)
                continue;
            long apart = (tile.Place.Start - tile.First.Group * tile.GroupBytes - first.Place.Start
                + first.First.Group * first.GroupBytes) % first.Place.PixelPitch;
            if (apart != 0)
                contents[i] = tile with
                {
                    Tensor = tile.Tensor with { Name = string.Create(CultureInfo.InvariantCulture, $"{tile.Tensor.Name} {apart}") },
                };
        }
    }

    // No tensor has this name.
    private const string OutermostTrial = "\0";

    // What a part has written, as a whole tensor that it lies in: that of a name, the outermost, or for null the innermost.
    private TileContent? AsPartOf(Content content, string? into)
    {
        if (content is not TileContent tile || tile.RowStep != 1 || tile.ColumnStep != 1)
            return null;
        MappedPart[] own = Array.FindAll(_parts, part => _tensors[part.Tensor] == tile.Tensor
            && (into is null or OutermostTrial || part.Into == into));
        if (own.Length == 0)
            return null;
        MappedPart part = into == OutermostTrial ? own[^1] : own[0];
        PitchedRange place = tile.Place;
        // One of the pitches tells that of the tensor's pixels.
        bool byColumns = part.ColumnStep > 0 && (place.Columns > 1 || place.Rows == 1) && place.PixelPitch > 0;
        long pixel = byColumns ? place.PixelPitch / part.ColumnStep
            : part.RowStep > 0 ? place.RowPitch / part.RowStep : 0;
        if (pixel <= 0 || place.Columns > 1 && place.PixelPitch != part.ColumnStep * pixel
            || place.Rows > 1 && place.RowPitch != part.RowStep * pixel)
            return null;
        long first = part.First + tile.First.Row * part.RowStep + tile.First.Column * part.ColumnStep;
        TensorShape whole = new(part.Into, tile.Tensor.Channels, part.Height, part.Width);
        return tile with
        {
            Tensor = whole,
            First = tile.First with { Row = 0, Column = 0 },
            Place = place with
            {
                Start = place.Start - first * pixel, Columns = part.Width, PixelPitch = pixel, Rows = part.Height,
                RowPitch = pixel * part.Width, ImagePitch = place.Images > 1 ? place.ImagePitch : pixel * part.Width * part.Height,
            },
        };
    }

    private TileContent? LocatePiece(int index, PitchedRange range, long groupBytes, List<int> writers, List<Content> contents,
        bool isTrial)
    {
        void Report(VerifierRule rule, int at, PitchedRange bytes, int other, FormattableString cause)
        {
            if (!isTrial)
                this.Report(rule, at, bytes, other, cause);
        }

        int stranger = contents.FindIndex(content => content is not TileContent);
        if (stranger >= 0)
        {
            if (contents.Exists(content => content is TileContent))
                Report(VerifierRule.Operand, index, range, writers[stranger],
                    $"a part of the feature map that it reads, written by {Written(writers[stranger])}, belongs to no tensor");
            return null;
        }

        int first = writers.Count > 0 ? writers[0] : -1;
        TileContent start = (TileContent)contents[0];
        for (int other = 1; other < contents.Count; other++)
        {
            if (!start.Continues((TileContent)contents[other]))
            {
                Report(VerifierRule.Operand, index, range, writers[other],
                    $"it reads, as one feature map, what {Written(first)} and {
                        Written(writers[other])} wrote, which do not lie side by side");
                return null;
            }
        }

        if (start.At(range.Start) is not { } at || groupBytes != start.GroupBytes)
        {
            Report(VerifierRule.Operand, index, range, first, $"it begins to read within a group of channels that {Written(first)} wrote");
            return null;
        }

        bool whole = Step(range.Columns, range.PixelPitch, start.Place.PixelPitch, start.ColumnStep, out long columnStep)
            & Step(range.Rows, range.RowPitch, start.Place.RowPitch, start.RowStep, out long rowStep)
            & Step(range.Images, range.ImagePitch, start.Place.ImagePitch, 1, out long imageStep);
        if (!whole)
        {
            Report(VerifierRule.Operand, index, range, first, $"its pitches are none of the feature map that {Written(first)} wrote");
            return null;
        }

        TensorShape tensor = start.Tensor;
        bool one = contents.TrueForAll(content => ((TileContent)content).Tensor == tensor);
        if (at.Column + (range.Columns - 1) * columnStep >= tensor.Width || at.Row + (range.Rows - 1) * rowStep >= tensor.Height
            || at.Image + (range.Images - 1) * imageStep >= _program.Io.Batch
                || (one && at.Group + range.RunBytes / groupBytes > tensor.Groups))
        {
            Report(VerifierRule.Operand, index, range, first, $"it reads from {Text(at)} of tensor {tensor.Name} on and leaves the tensor");
            return null;
        }

        // Of a concatenation only this piece is known.
        if (!one)
            tensor = tensor with { Name = $"{tensor.Name} and the next", Channels = (int)(8 * (at.Group + range.RunBytes / groupBytes)) };
        return start with { Tensor = tensor, First = at, Place = range, RowStep = rowStep, ColumnStep = columnStep };
    }

    // Steps in the tensor from pixel to pixel of a reader; a pitch of 0 reads one pixel again and again.
    private static bool Step(long count, long pitch, long placePitch, long placeStep, out long step)
    {
        bool multiple = placePitch > 0 && pitch % placePitch == 0;
        step = multiple && pitch > 0 ? pitch / placePitch * placeStep : count == 1 ? 1 : 0;
        return count == 1 || multiple || pitch == 0;
    }

    // Format of an operand that is a feature map; partial sums have no format field.
    private static PatternFormat FormatOf(InstructionView i, Field operand) =>
        operand == Field.PsumAddress ? PatternFormat.Int32 : FormatField.Decode(i.Instruction[operand + 1]);

    // Where a tile's operand begins, minus where it would begin if the tile stood at the tensor's first element: the same for all tiles.
    private static Coordinate? RelativeTo(MappedTile tile, InstructionView i, Field operand, TileContent piece)
    {
        (long row, long column) = (tile.FirstRow, tile.FirstColumn);
        long channel = piece.First.Group * 8 - tile.FirstChannel;
        switch (i)
        {
            case ArrayInstruction { Opcode: Opcode.MatMul }:
                return new Coordinate(piece.First.Image - tile.FirstImage, 0, 0, piece.First.Group);
            case ArrayInstruction array:
                (row, column) = FirstTouched(array.Kernel, array.Tile, row, column);
                // The groups of a convolution choose the channels; which ones, the tile does not say.
                channel = array.Multiplier > 0 ? piece.First.Group * 8 * array.Multiplier - tile.FirstChannel : 0;
                break;
            case PoolInstruction pool:
                (row, column) = FirstTouched(pool.Kernel, pool.Tile, row, column);
                break;
            case VectorInstruction vector:
                channel -= operand == Field.AddAddress ? vector.AddFirst : 0;
                break;
            case LutInstruction:
                break;
            case HostInstruction host when host.SourceTile == host.Tile:
                break;
            default:
                return null;
        }

        // A pitch of 0 reads one row for all tiles, or belongs to a tile of one row and says nothing.
        return new Coordinate(piece.First.Image - tile.FirstImage, piece.Place.RowPitch == 0 ? 0 : piece.First.Row - row * piece.RowStep,
            piece.Place.PixelPitch == 0 ? 0 : piece.First.Column - column * piece.ColumnStep, channel);
    }

    // The first source row and column that the taps of a tile fall on, if the tile's first output row and column are those given.
    private static (long Row, long Column) FirstTouched(in KernelGeometry kernel, in Extents tile, long row, long column) => (
        row * kernel.StrideY + kernel.PadTop + kernel.RowAxis(tile.Rows).Touched().First,
        column * kernel.StrideX + kernel.PadLeft + kernel.ColumnAxis(tile.Columns).Touched().First);

    private static PitchedRange Dense(Field operand, Region region, long start, long images, long rows, long columns, long pixelBytes) =>
        new(operand, region, true, start, pixelBytes, columns, pixelBytes, rows, pixelBytes * columns, images, pixelBytes * columns * rows);

    private string Written(int writer) => writer < 0
        ? "the host"
        : string.Create(CultureInfo.InvariantCulture, $"instruction {writer} ({_program.Code[writer].Definition.Mnemonic})");

    private static string Text(Coordinate at) =>
        string.Create(CultureInfo.InvariantCulture, $"image {at.Image}, row {at.Row}, column {at.Column}, channel {8 * at.Group}");

    private void Report(VerifierRule rule, int index, PitchedRange range, int other, FormattableString cause) =>
        _report(new VerifierFinding(rule, index, _program.Code[index].Unit, range.Hull, other,
            cause.ToString(CultureInfo.InvariantCulture)));
}
