using System.Globalization;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>
/// How ONNX cuts a stored map C x H x W into axes. Each stored axis is a run of pieces, and each axis of ONNX a list of pieces, so that
/// transpositions, reshapes, squeezes and flattenings are bookkeeping: they cancel, or end in the weights of the layer behind them.
/// </summary>
internal sealed class AxisLayout : IEquatable<AxisLayout>
{
    /// <summary>The stored axes.</summary>
    public const int Channels = 0, Rows = 1, Columns = 2;

    private static readonly Piece Batch = new(-1, 1);

    // All pieces in the order of storage, C, H, W; none has size 1. The batch is not among them.
    private readonly Piece[] _storage;
    private readonly Piece[][] _axes;

    private AxisLayout(IEnumerable<Piece> storage, IEnumerable<IEnumerable<Piece>> axes)
    {
        List<Piece> pieces = [.. storage];
        List<Piece>[] lists = [.. axes.Select(axis => axis.ToList())];
        // Neighbors in storage that are neighbors in an axis are one piece.
        for (int i = 0; i + 1 < pieces.Count;)
        {
            Piece first = pieces[i], second = pieces[i + 1];
            List<Piece>? axis = first.Stored != second.Stored ? null : lists.FirstOrDefault(each => each.IndexOf(first) is >= 0 and var at
                && at + 1 < each.Count && each[at + 1] == second);
            if (axis is null)
            {
                i++;
                continue;
            }

            Piece whole = new(first.Stored, first.Size * second.Size);
            axis[axis.IndexOf(first)] = pieces[i] = whole;
            axis.Remove(second);
            pieces.RemoveAt(i + 1);
        }

        _storage = [.. pieces];
        _axes = [.. lists.Select(axis => axis.ToArray())];
    }

    /// <summary>A map as its axes stand: what each is in storage, or -1 for the batch.</summary>
    /// <param name="shape">The stored map.</param>
    /// <param name="axes">One entry an axis: the stored axes that it takes, in order; none for an axis of 1; null for the batch.</param>
    public static AxisLayout Of(Shape shape, params ReadOnlySpan<int[]?> axes)
    {
        Piece[] pieces = [new(Channels, shape.Channels), new(Rows, shape.Height), new(Columns, shape.Width)];
        List<Piece[]> lists = [];
        foreach (int[]? axis in axes)
            lists.Add(axis is null ? [Batch] : [.. axis.Select(stored => pieces[stored]).Where(piece => piece.Size > 1)]);
        return new AxisLayout(pieces.Where(piece => piece.Size > 1), lists);
    }

    /// <summary>Axes of these sizes side by side in one stored axis each.</summary>
    /// <param name="stored">The stored axis of each size, or -1 for the batch; those of one stored axis follow each other.</param>
    /// <param name="sizes">The sizes; that of the batch is not looked at.</param>
    public static AxisLayout OfSizes(IReadOnlyList<int> stored, IReadOnlyList<int> sizes)
    {
        Piece[] pieces = [.. stored.Select((axis, i) => axis < 0 ? Batch : new Piece(axis, sizes[i]))];
        return new AxisLayout(pieces.Where(piece => piece != Batch && piece.Size > 1).OrderBy(piece => piece.Stored),
            pieces.Select(piece => piece == Batch || piece.Size > 1 ? new[] { piece } : []));
    }

    /// <summary>Number of axes that ONNX counts, the batch included.</summary>
    public int Rank => _axes.Length;

    /// <summary>Whether the batch is among the axes; a tensor without it has one image.</summary>
    public bool HasBatch => _axes.Any(axis => axis.Contains(Batch));

    /// <summary>The axis of the batch alone, or of 1 in front where there is no batch; -1 where neither is.</summary>
    public int BatchAxis => Array.FindIndex(_axes, axis => axis is [{ } piece] && piece == Batch) is >= 0 and var found ? found
        : !HasBatch && Rank > 0 && _axes[0].Length == 0 ? 0 : -1;

    /// <summary>What <see cref="Of"/> takes for the axis in front: the batch, or an axis of 1 where there is none.</summary>
    public int[]? Lead => HasBatch ? null : [];

    /// <summary>Elements of one image.</summary>
    public int Elements => Product(_storage);

    /// <summary>Size of an axis; <see cref="HostTensor.Batch"/> for the batch.</summary>
    /// <exception cref="NotMappedException">The batch is merged with other axes.</exception>
    public long Size(int axis) => _axes[axis] is [{ } only] && only == Batch ? HostTensor.Batch
        : _axes[axis].Contains(Batch) ? throw new NotMappedException("the size of an axis that holds the batch") : Product(_axes[axis]);

    /// <summary>Elements of an axis of one image.</summary>
    public int SizeWithinImage(int axis) => Product(_axes[axis]);

    /// <summary>Whether an axis holds the batch.</summary>
    public bool IsBatch(int axis) => _axes[axis].Contains(Batch);

    /// <summary>The stored axis that an axis is, whole and in order; one of extent 1 for an axis of 1; -1 where it is none.</summary>
    public int StoredAxis(int axis)
    {
        if (_axes[axis].Length > 0)
        {
            int stored = _axes[axis][0].Stored;
            return stored >= 0 && _axes[axis].SequenceEqual(_storage.Where(piece => piece.Stored == stored)) ? stored : -1;
        }

        // An axis of 1 is one that nothing else takes: the one behind its neighbor's, as [C] [1] [W] goes.
        int[] free = [.. new[] { Channels, Rows, Columns }.Where(each => _storage.All(piece => piece.Stored != each))];
        int[] ahead = [.. _axes[..axis].Where(each => each.Length > 0 && each[0] != Batch).Select(each => each[^1].Stored)];
        int ones = _axes[..axis].Count(each => each.Length == 0) - (BatchAxis == 0 && _axes[0].Length == 0 ? 1 : 0);
        int[] wanted = [.. free.Where(each => ahead.Length == 0 || each > ahead[^1]), .. free];
        return wanted.Distinct().Skip(Math.Max(ones, 0)).Concat(wanted).FirstOrDefault(-1);
    }

    /// <summary>Whether the axes [N, C, ...] are a map: channels whole (in any order of theirs), then its rows and columns.</summary>
    /// <param name="spatial">The stored axis, rows or columns, of each axis behind the channels.</param>
    public bool IsMap(out int[] spatial)
    {
        spatial = [];
        if (Rank is < 3 or > 4 || BatchAxis != 0 || _axes[1].Any(piece => piece.Stored != Channels)
            || Product(_axes[1]) != Product(_storage.Where(piece => piece.Stored == Channels)))
            return false;
        List<int> found = [];
        for (int axis = 2; axis < Rank; axis++)
        {
            if (_axes[axis].Length > 0 && StoredAxis(axis) is not (Rows or Columns))
                return false;
            found.Add(_axes[axis].Length > 0 ? StoredAxis(axis) : -1);
        }

        foreach (int free in new[] { Rows, Columns }.Except(found).ToArray())
        {
            if (found.IndexOf(-1) is >= 0 and var at && (Rank == 4 || _storage.All(piece => piece.Stored != free)))
                found[at] = Rank == 3 ? Columns : free;
            else if (_storage.Any(piece => piece.Stored == free))
                return false;
        }

        spatial = [.. found];
        return true;
    }

    /// <summary>Whether the elements of an image come in the order C, H, W, whatever the cut.</summary>
    public bool IsInOrder => Order.SequenceEqual(_storage);

    /// <summary>Whether they come in the order H, W, C.</summary>
    public bool IsChannelsLast => Order.SequenceEqual(_storage.OrderBy(piece => piece.Stored == Channels));

    /// <summary>Whether the batch is in front of them, or nowhere.</summary>
    public bool HasBatchFirst => !HasBatch || _axes.SelectMany(axis => axis).First() == Batch;

    /// <summary>Whether the channels, where an axis has them all, stand in their order.</summary>
    public bool HasChannelsInOrder => _axes.SelectMany(axis => axis).Where(piece => piece.Stored == Channels)
        .SequenceEqual(_storage.Where(piece => piece.Stored == Channels));

    /// <summary>For each channel in the order of the axes its number in storage.</summary>
    public int[] ChannelOrder() => Steps(_axes.SelectMany(axis => axis).Where(piece => piece.Stored == Channels), piece =>
        Product(_storage.SkipWhile(each => each != piece).Skip(1).Where(each => each.Stored == Channels)));

    /// <summary>This layout over a map whose channels were put in the order of the axes.</summary>
    public AxisLayout WithChannelsInOrder()
    {
        Piece[] channels = [.. _axes.SelectMany(axis => axis).Where(piece => piece.Stored == Channels)];
        return new AxisLayout([.. channels, .. _storage.Where(piece => piece.Stored != Channels)], _axes);
    }

    /// <summary>For each element of an axis its place among the elements of an image in the order C, H, W, the other axes at 0.</summary>
    public int[] Places(int axis) => Places([axis]);

    /// <summary>The same for some axes together, the last one fastest.</summary>
    public int[] Places(IEnumerable<int> axes) => Steps(axes.SelectMany(axis => _axes[axis]).Where(piece => piece != Batch), Stride);

    /// <summary>Whether an axis holds the whole image.</summary>
    public bool IsWhole(int axis) => _axes[axis].All(piece => piece != Batch) && _axes[axis].Length == _storage.Length;

    /// <summary>Whether an axis holds the channels and nothing else, in any order.</summary>
    public bool IsAllChannels(int axis) => _axes[axis].All(piece => piece.Stored == Channels)
        && Product(_axes[axis]) == Product(_storage.Where(piece => piece.Stored == Channels));

    /// <summary>Whether axes together hold some stored axes whole and nothing else; which.</summary>
    public bool HoldsWhole(IEnumerable<int> axes, out int[] stored)
    {
        Piece[] pieces = [.. axes.SelectMany(axis => _axes[axis])];
        int[] found = [.. pieces.Select(piece => piece.Stored).Distinct().Order()];
        stored = found;
        return !pieces.Contains(Batch) && pieces.Length == _storage.Count(piece => found.Contains(piece.Stored));
    }

    /// <summary>
    /// Whether an axis is the outer part of the channels: the first index of some channels that lie side by side. How many channels
    /// each index has.
    /// </summary>
    public bool IsOuterChannels(int axis, out int each)
    {
        Piece[] channels = [.. _storage.Where(piece => piece.Stored == Channels)];
        each = _axes[axis] is [{ } first] && channels.Length > 0 && first == channels[0] ? Product(channels[1..]) : 0;
        return each > 0;
    }

    /// <summary>The axes that hold channels, where those hold nothing else; else null.</summary>
    public int[]? ChannelAxes()
    {
        int[] axes = [.. Enumerable.Range(0, Rank).Where(axis => _axes[axis].Any(piece => piece.Stored == Channels))];
        return axes.All(axis => _axes[axis].All(piece => piece.Stored == Channels)) ? axes : null;
    }

    /// <summary>With an axis of 1 as the outer part of more channels: maps that are stacked.</summary>
    public AxisLayout Stacked(int axis, int count)
    {
        Piece[] made = [new Piece(Channels, count)];
        return new AxisLayout([.. made, .. _storage], _axes.Select((each, i) => i == axis ? made : each));
    }

    /// <summary>Another order of the axes.</summary>
    public AxisLayout Transposed(IEnumerable<int> order) => new(_storage, order.Select(axis => _axes[axis]));

    /// <summary>Without some axes of 1.</summary>
    public AxisLayout Without(ICollection<int> axes) => new(_storage, _axes.Where((_, axis) => !axes.Contains(axis)));

    /// <summary>With axes of 1 at places of the result, in rising order.</summary>
    public AxisLayout WithOnes(IEnumerable<int> places)
    {
        List<Piece[]> axes = [.. _axes];
        foreach (int place in places)
            axes.Insert(place, []);
        return new AxisLayout(_storage, axes);
    }

    /// <summary>Without the stored axes given, which became 1: their axes are of 1, or gone.</summary>
    public AxisLayout Reduced(int[] stored, ICollection<int> axes, bool keeps)
    {
        bool Stays(Piece piece) => !stored.Contains(piece.Stored);
        return new AxisLayout(_storage.Where(Stays),
            _axes.Select(axis => axis.Where(Stays)).Where((_, axis) => keeps || !axes.Contains(axis)));
    }

    /// <summary>With another extent of a stored axis, which one axis holds whole, or all of which is gone if the extent is 1.</summary>
    public AxisLayout Resized(int stored, int extent, int axis)
    {
        Piece? piece = extent > 1 ? new Piece(stored, extent) : null;
        IEnumerable<Piece> others = _storage.Where(each => each.Stored != stored);
        return new AxisLayout((piece is null ? others : others.Append(piece)).OrderBy(each => each.Stored),
            _axes.Select((each, i) => i != axis ? each : piece is null ? [] : new[] { piece }));
    }

    /// <summary>With the outer part of the channels, which an axis is, taken at one index.</summary>
    public AxisLayout WithOuterChannels(int axis, int count)
    {
        Piece old = _axes[axis][0];
        Piece[] made = count > 1 ? [new Piece(Channels, count)] : [];
        return new AxisLayout(_storage.SelectMany(piece => piece == old ? made : [piece]), _axes.Select((each, i) => i == axis ? made
            : each));
    }

    /// <summary>
    /// The parts that make a map whose channels are one axis and whose pixels are all the others in their order: for each part what is
    /// taken of the stored map, and where its pixels come. Null where they are no such parts, or too many.
    /// </summary>
    /// <param name="channelAxis">The axis of the channels.</param>
    /// <param name="most">Most parts.</param>
    public IReadOnlyList<LayoutPart>? PartsOf(int channelAxis, int most)
    {
        Piece[] channels = _axes[channelAxis];
        Piece[] pixels = [.. Enumerable.Range(0, Rank).Where(axis => axis != channelAxis).SelectMany(axis => _axes[axis])
            .Where(piece => piece != Batch)];
        if (channels.Any(piece => piece.Stored != Channels) || !HasBatchFirst || HasBatch && BatchAxis != 0)
            return null;
        int Behind(Piece piece) => Product(pixels[(Array.IndexOf(pixels, piece) + 1)..]);
        Piece? rows = pixels.Where(piece => piece.Stored == Rows).MaxBy(piece => piece.Size),
            columns = pixels.Where(piece => piece.Stored == Columns).MaxBy(piece => piece.Size);
        Piece[] chosen = [.. pixels.Where(piece => piece != rows && piece != columns)];
        if (chosen.Aggregate(1L, (product, piece) => product * piece.Size) > most)
            return null;
        int[] own = Steps(channels, Within);
        List<LayoutPart> parts = [];
        for (int number = 0; number < Product(chosen); number++)
        {
            int[] start = [0, 0, 0];
            int first = 0, left = number;
            foreach (Piece piece in chosen.Reverse())
            {
                int index = left % piece.Size;
                left /= piece.Size;
                start[piece.Stored] += index * Within(piece);
                first += index * Behind(piece);
            }

            parts.Add(new LayoutPart([.. own.Select(channel => channel + start[Channels])],
                start[Rows], rows is null ? 1 : Within(rows), rows?.Size ?? 1,
                start[Columns], columns is null ? 1 : Within(columns), columns?.Size ?? 1,
                new PixelPlace(first, rows is null ? 0 : Behind(rows), columns is null ? 0 : Behind(columns))));
        }

        return parts;

        // Channels, rows or columns from index to index of a piece.
        int Within(Piece piece) => Product(_storage.SkipWhile(each => each != piece).Skip(1).Where(each => each.Stored == piece.Stored));
    }

    /// <summary>The same elements cut into other axes, or null where they cannot be cut so.</summary>
    /// <param name="target">Sizes: numbers, -1 for what is left, and <see cref="HostTensor.Batch"/>.</param>
    /// <param name="batchSize">Images of the exported example; 0 where that is open.</param>
    public AxisLayout? Reshaped(long[] target, long batchSize)
    {
        if (target.Length > HostTensor.MaxRank || target.Count(dim => dim == -1) > 1 || target.Count(dim => dim == HostTensor.Batch) > 1
            || target.Any(dim => dim < 1 && dim != -1 && dim != HostTensor.Batch))
            return null;
        return HasBatch && Array.IndexOf(target, HostTensor.Batch) < 0 && batchSize > 0
            ? Cut(target, batchSize) : Around(target);
    }

    /// <summary>The axes as text, <c>[N,16,32,32]</c>.</summary>
    public override string ToString() => $"[{string.Join(',', _axes.Select(Text))}]";

    /// <inheritdoc/>
    public bool Equals(AxisLayout? other) => other is not null && Rank == other.Rank && _storage.Length == other._storage.Length
        && _storage.Zip(other._storage).All(pair => pair.First.Stored == pair.Second.Stored && pair.First.Size == pair.Second.Size)
        && _axes.Zip(other._axes).All(pair => pair.First.Select(Index).SequenceEqual(pair.Second.Select(other.Index)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AxisLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _storage.Length);

    private IEnumerable<Piece> Order => _axes.SelectMany(axis => axis).Where(piece => piece != Batch);

    private int Index(Piece piece) => Array.IndexOf(_storage, piece);

    private int Stride(Piece piece) => Product(_storage[(Index(piece) + 1)..]);

    private static string Text(Piece[] axis)
    {
        string size = Product(axis).ToString(CultureInfo.InvariantCulture);
        return !axis.Contains(Batch) ? size : axis.Length == 1 ? "N" : "N*" + size;
    }

    private static int Product(IEnumerable<Piece> pieces) => pieces.Aggregate(1, (product, piece) => product * piece.Size);

    private static int[] Steps(IEnumerable<Piece> pieces, Func<Piece, int> stride)
    {
        Piece[] all = [.. pieces];
        return ConstantFolding.Places.Of([.. all.Select(piece => Enumerable.Range(0, piece.Size).Select(i => i * stride(piece)).ToArray())],
            Product(all));
    }

    // One size stands for the batch, alone or with what is left around it: the batch itself, the -1 in front, or a first number.
    private AxisLayout? Around(long[] target)
    {
        int at = Array.IndexOf(target, HostTensor.Batch);
        bool isFirst = _axes.SelectMany(axis => axis).FirstOrDefault() == Batch;
        if (at < 0 && HasBatch)
            at = target.Length > 0 && isFirst ? 0 : Array.IndexOf(target, -1);
        if (HasBatch ? at < 0 : at >= 0)
            return null;
        long known = target.Where((dim, i) => i != at && dim > 0).Aggregate(1L, (product, dim) => Math.Min(product * dim, int.MaxValue));
        int free = Array.FindIndex(target, dim => dim == -1);
        if (Elements % known != 0 || (free < 0 || free == at) && !HasBatch && known != Elements)
            return null;
        long[] dims = [.. target];
        if (free >= 0 && free != at)
            dims[free] = Elements / known;
        // A number in front is the batch alone; a -1 may hold more.
        if (at >= 0 && target[at] != -1 && (free < 0 || free == at ? known : Elements) != Elements)
            return null;
        Cutter cutter = new(this);
        List<List<Piece>> axes = [];
        if (!HasBatch)
            return cutter.Take(dims, axes) && cutter.IsEmpty ? cutter.Layout(axes) : null;
        Piece[] order = [.. _axes.SelectMany(axis => axis)];
        long behind = dims[(at + 1)..].Aggregate(1L, (product, dim) => product * dim);
        long ahead = dims[..at].Aggregate(1L, (product, dim) => product * dim);
        long before = Product(order.TakeWhile(piece => piece != Batch)),
            after = Product(order.SkipWhile(piece => piece != Batch).Skip(1));
        if (after % behind != 0 || before % ahead != 0
            || !cutter.Take(dims[..at], axes) || cutter.TakeOne(before / ahead) is not { } left || cutter.TakeBatch() is not { } batch
            || cutter.TakeOne(after / behind) is not { } right)
            return null;
        axes.Add([.. left, batch, .. right]);
        return cutter.Take(dims[(at + 1)..], axes) && cutter.IsEmpty ? cutter.Layout(axes) : null;
    }

    // All sizes are numbers; the batch is one of them, or within one.
    private AxisLayout? Cut(long[] target, long batchSize)
    {
        Int128 total = (Int128)Elements * batchSize;
        Int128 known = target.Where(dim => dim > 0).Aggregate((Int128)1, (product, dim) => Int128.Min(product * dim, long.MaxValue));
        int free = Array.IndexOf(target, -1);
        if (total % known != 0 || free < 0 && known != total)
            return null;
        long[] dims = [.. target];
        if (free >= 0)
            dims[free] = (long)(total / known);
        Cutter cutter = new(this);
        List<List<Piece>> axes = [];
        foreach (long dim in dims)
        {
            if (cutter.NextIsBatch && dim == 1 && batchSize > 1)
            {
                axes.Add([]);
                continue;
            }

            if (cutter.NextIsBatch && (batchSize > 1 || dim == 1))
            {
                if (dim % batchSize != 0 || cutter.TakeBatch() is not { } batch || cutter.TakeOne(dim / batchSize) is not { } rest)
                    return null;
                axes.Add([batch, .. rest]);
                continue;
            }

            // One image that is no axis of its own any more.
            if (cutter.NextIsBatch)
                cutter.TakeBatch();
            if (cutter.TakeOne(dim, batchSize) is not { } axis)
                return null;
            axes.Add(axis);
        }

        if (cutter.NextIsBatch && batchSize == 1)
            cutter.TakeBatch();
        return cutter.IsEmpty ? cutter.Layout(axes) : null;
    }

    /// <summary>What a part takes of a stored map, and where its pixels come.</summary>
    internal sealed record LayoutPart(int[] AllChannels, int StartY, int StepY, int CountY, int StartX, int StepX, int CountX,
        PixelPlace Place);

    private sealed class Piece(int stored, int size)
    {
        public int Stored => stored;

        public int Size => size;
    }

    /// <summary>Takes the elements of a layout one axis after the other, splitting pieces where an axis ends within one.</summary>
    private sealed class Cutter(AxisLayout layout)
    {
        private readonly List<Piece> _storage = [.. layout._storage];
        private readonly List<Piece> _left = [.. layout._axes.SelectMany(axis => axis)];

        public bool IsEmpty => _left.Count == 0;

        public bool NextIsBatch => _left.Count > 0 && _left[0] == Batch;

        public Piece? TakeBatch()
        {
            if (!NextIsBatch)
                return null;
            _left.RemoveAt(0);
            return Batch;
        }

        public bool Take(long[] dims, List<List<Piece>> axes)
        {
            foreach (long dim in dims)
            {
                if (TakeOne(dim) is not { } axis)
                    return false;
                axes.Add(axis);
            }

            return true;
        }

        public List<Piece>? TakeOne(long size, long batchSize = 0)
        {
            List<Piece> axis = [];
            while (size > 1)
            {
                if (_left.Count == 0)
                    return null;
                Piece next = _left[0];
                if (next == Batch)
                {
                    if (batchSize == 0 || size % batchSize != 0)
                        return null;
                    size /= batchSize;
                }
                else if (size % next.Size == 0)
                    size /= next.Size;
                else if (next.Size % size == 0)
                {
                    Piece outer = new(next.Stored, (int)size), inner = new(next.Stored, next.Size / (int)size);
                    int at = _storage.IndexOf(next);
                    _storage[at] = outer;
                    _storage.Insert(at + 1, inner);
                    _left[0] = inner;
                    axis.Add(outer);
                    return axis;
                }
                else
                    return null;
                axis.Add(next);
                _left.RemoveAt(0);
            }

            return axis;
        }

        public AxisLayout Layout(List<List<Piece>> axes) => new(_storage, axes);
    }
}
