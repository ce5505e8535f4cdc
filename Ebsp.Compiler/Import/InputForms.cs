using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>One way to store the input of a model: which of its axes are channels, rows and columns.</summary>
/// <param name="Shape">The stored map.</param>
/// <param name="Layout">How the model cuts it.</param>
internal sealed record InputForm(Shape Shape, AxisLayout Layout);

/// <summary>
/// The input of a model and the ways in which it may be stored. Which one is right the layers say that read it: an import tries them in
/// turn. Pictures are N x C x H x W or N x H x W x C, and may come as vectors that are reshaped first.
/// </summary>
internal sealed class InputForms
{
    private readonly ValueInfoProto _input;
    private readonly string? _file;

    /// <summary>Reads the input of a model.</summary>
    /// <param name="graph">The graph of the model.</param>
    /// <param name="input">Its input.</param>
    /// <param name="size">Rows and columns that the model leaves open, or null.</param>
    /// <param name="file">File name for diagnostics.</param>
    /// <exception cref="EbspException">EBSP1004, EBSP1009: it has no place in a graph.</exception>
    public InputForms(GraphProto graph, ValueInfoProto input, (int Height, int Width)? size, string? file)
    {
        (_input, _file) = (input, file);
        Type = (ElementType)(input.Type?.TensorType?.ElemType ?? 0);
        if (!Type.IsFloat() && !(Enum.IsDefined(Type) && Readers(graph, input.Name).All(node => node.OpType == "Cast"
            && node.Attribute.Any(attribute => attribute.Name == "to" && ((ElementType)attribute.I).IsFloat()))))
        {
            string type = Enum.IsDefined(Type) ? Type.Name() : "no tensor of numbers";
            throw Bad($"the input '{input.Name}' is {type}, and not cast to float32 first thing");
        }

        long[] dims = [.. (input.Type!.TensorType.Shape?.Dim ?? []).Select(dim => dim.DimValue)];
        string text = string.Join(" x ", input.Type.TensorType.Shape?.Dim.Select(dim =>
            dim.DimParam.Length != 0 ? dim.DimParam : dim.DimValue.ToString(CultureInfo.InvariantCulture)) ?? []);
        if (dims.Length is < 1 or > HostTensor.MaxRank || dims.Any(dim => dim is < 0 or > int.MaxValue))
            throw Bad($"the input '{input.Name}' has shape {text}");
        // One axis alone that is known is a vector of one image. An only open axis that is not the first is the batch, unless the first
        // is 1.
        int[] open = [.. Enumerable.Range(0, dims.Length).Where(i => dims[i] == 0)];
        Batch = dims.Length == 1 && open.Length == 0 ? -1 : open is [var only] && only > 0 && dims[0] != 1 ? only : 0;
        BatchSize = Batch >= 0 ? dims[Batch] : 0;
        open = [.. open.Where(i => i != Batch)];
        if (open.Length > 0)
            Close(dims, open, size, text);
        Dims = [.. dims.Select(dim => (int)dim)];
        // Eight factors of 31 bits each do not fit an int64 product.
        if (Dims.Where((_, i) => i != Batch).Aggregate((Int128)1, (product, dim) => Int128.Min(product * dim, long.MaxValue))
            > TypeInference.MaxElements / 2)
            throw DiagnosticDescriptors.ModelLimit.Error(_file, null, $"an input of shape {text}");
        All = [.. Candidates(graph).DistinctBy(form => (form.Shape, form.Layout))];
    }

    /// <summary>Element type in the file.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes of its axes; that of the batch is not to be looked at.</summary>
    public int[] Dims { get; }

    /// <summary>The axis of the batch, or -1 where there is none.</summary>
    public int Batch { get; }

    /// <summary>The number of images of the exported example, or 0 where the model leaves it open.</summary>
    public long BatchSize { get; }

    /// <summary>The ways to store it, the likely ones first.</summary>
    public IReadOnlyList<InputForm> All { get; }

    private static IEnumerable<NodeProto> Readers(GraphProto graph, string tensor) => graph.Node.Where(node => node.Input.Contains(tensor));

    // Rows and columns are the axes that are left open: two of them, or one in a map of one row.
    private void Close(long[] dims, int[] open, (int Height, int Width)? size, string text)
    {
        if (open.Length > 2 || dims.Length < 3)
            throw Bad($"the input '{_input.Name}' has shape {text}: besides the batch, rows and columns alone may be open");
        if (size is not { } given)
        {
            throw new EbspException(DiagnosticDescriptors.ModelInterface.At(_file, null,
                $"the input '{_input.Name}' has shape {text}, whose rows and columns are open")
                with { Fix = "Say the size of the pictures: --size HxW (item metadata Size)." });
        }

        if (open.Length == 2)
            (dims[open[0]], dims[open[1]]) = (given.Height, given.Width);
        else
            dims[open[0]] = given.Width;
    }

    private IEnumerable<InputForm> Candidates(GraphProto graph)
    {
        int[] dims = [.. Dims.Where((_, i) => i != Batch)];
        foreach (InputForm form in Forms(dims, Batch))
            yield return form;
        // A vector, or pixels without an axis for their one channel, that is reshaped first thing.
        foreach (long[] target in Targets(graph))
        {
            long[] own = [.. Dims.Select((dim, i) => i == Batch ? HostTensor.Batch : dim)];
            foreach (InputForm form in Forms([.. target.Select(dim => (int)dim)], Batch < 0 ? -1 : 0))
            {
                if (form.Layout.Reshaped(own, 0) is { } layout)
                    yield return form with { Layout = layout };
            }
        }

        if (dims.Length == 2)
            yield return Sized(Batch, (AxisLayout.Rows, dims[0]), (AxisLayout.Columns, dims[1]));
        if (dims.Length == 1)
            yield return Sized(Batch, (AxisLayout.Columns, dims[0]));
        yield return Sized(Batch, [.. dims.Select(dim => (AxisLayout.Channels, dim))]);
        // One image without an axis for the batch.
        if (Batch == 0 && BatchSize > 0 && Dims.Length is 2 or 3)
        {
            foreach (InputForm form in Forms(Dims, -1))
                yield return form;
        }
    }

    // Channels first, then channels last.
    private static IEnumerable<InputForm> Forms(int[] dims, int batch)
    {
        const int c = AxisLayout.Channels, h = AxisLayout.Rows, w = AxisLayout.Columns;
        yield return Sized(batch, [.. dims.Select((dim, i) => (i == 0 ? c : i == dims.Length - 1 ? w : h, dim))]);
        if (dims.Length > 1)
            yield return Sized(batch, [.. dims.Select((dim, i) => (i == dims.Length - 1 ? c : i == 0 && dims.Length > 2 ? h : w, dim))]);
    }

    private static InputForm Sized(int batch, params (int Stored, int Size)[] axes)
    {
        int Extent(int stored) => axes.Where(axis => axis.Stored == stored).Aggregate(1, (product, axis) => product * axis.Size);
        List<(int Stored, int Size)> all = [.. axes];
        if (batch >= 0)
            all.Insert(batch, (-1, 1));
        return new InputForm(new Shape(Extent(AxisLayout.Channels), Extent(AxisLayout.Rows), Extent(AxisLayout.Columns)),
            AxisLayout.OfSizes([.. all.Select(axis => axis.Stored)], [.. all.Select(axis => axis.Size)]));
    }

    // What the input is reshaped to by all that reads it, the batch in front left out.
    private IEnumerable<long[]> Targets(GraphProto graph)
    {
        string read = _input.Name;
        for (int i = 0; i < 4; i++)
        {
            NodeProto[] readers = [.. Readers(graph, read)];
            if (readers.Length != 1 || readers[0].Output.Count == 0)
                yield break;
            if (readers[0].OpType is "Cast" or "Identity")
            {
                read = readers[0].Output[0];
                continue;
            }

            TensorProto? shape = readers[0].OpType != "Reshape" || readers[0].Input.Count < 2 ? null
                : graph.Initializer.FirstOrDefault(tensor => tensor.Name == readers[0].Input[1]);
            if (shape is not { DataType: (int)ElementType.Int64 })
                yield break;
            long[] target;
            try
            {
                target = TensorReader.Read(shape, _file).Integers ?? [];
            }
            catch (Exception e) when (e is NotMappedException or EbspException)
            {
                yield break;
            }

            long[] rest = Batch < 0 ? target : [.. target.Skip(1)];
            if (rest.Length is 2 or 3 && rest.All(dim => dim is >= 1 and <= int.MaxValue)
                && Product(rest) == Product(Dims.Where((_, i) => i != Batch).Select(dim => (long)dim)))
                yield return rest;
            yield break;
        }
    }

    private static Int128 Product(IEnumerable<long> dims) => dims.Aggregate((Int128)1, (product, dim) => product * dim);

    private EbspException Bad(string cause) => DiagnosticDescriptors.ModelInterface.Error(_file, null, cause);
}
