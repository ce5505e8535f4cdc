using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Protos.Onnx;

namespace Ebsp.Compiler.Import;

/// <summary>Name and attributes of a node; notes which attributes were looked at.</summary>
internal abstract class OnnxAttributes(NodeProto proto, string name, int opset, string? file)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Name for people: the node's, or that of its output.</summary>
    public string Name => name;

    /// <summary>Version of the operator set.</summary>
    public int Opset => opset;

    /// <summary>The node.</summary>
    protected NodeProto Proto => proto;

    /// <summary>The file, or null.</summary>
    protected string? File => file;

    /// <summary>An integer attribute.</summary>
    public long Int(string attribute, long absent) => Attribute(attribute, 2)?.I ?? absent;

    /// <summary>A float attribute.</summary>
    public float Float(string attribute, float absent) => Attribute(attribute, 1)?.F ?? absent;

    /// <summary>A text attribute.</summary>
    public string Text(string attribute, string absent) => Attribute(attribute, 3)?.S.ToStringUtf8() ?? absent;

    /// <summary>A list of integers, or null where the attribute is absent.</summary>
    public long[]? Ints(string attribute) => Attribute(attribute, 7)?.Ints.ToArray();

    /// <summary>A list of floats, or null where the attribute is absent.</summary>
    public float[]? FloatList(string attribute) => Attribute(attribute, 6)?.Floats.ToArray();

    /// <summary>A tensor attribute, or null where it is absent.</summary>
    public HostTensor? Tensor(string attribute) => Attribute(attribute, 4)?.T is { } tensor ? TensorReader.Read(tensor, file) : null;

    /// <summary>Whether an attribute is there; it counts as read only when asked for its value.</summary>
    public bool Has(string attribute) => proto.Attribute.Any(a => a.Name == attribute);

    /// <summary>Declares attributes that change nothing at inference.</summary>
    public void Ignore(params ReadOnlySpan<string> attributes)
    {
        foreach (string attribute in attributes)
            _read.Add(attribute);
    }

    /// <summary>Refuses attributes that the operator's code did not look at: they might change the result.</summary>
    public void RefuseUnreadAttributes()
    {
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (!_read.Contains(attribute.Name))
                throw new NotMappedException($"the attribute '{attribute.Name}' is not supported");
        }
    }

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank)
    {
        long positive = axis < 0 ? axis + rank : axis;
        return positive >= 0 && positive < rank
            ? (int)positive
            : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis} of {rank} dimension(s)"));
    }

    private AttributeProto? Attribute(string attribute, int type)
    {
        _read.Add(attribute);
        AttributeProto? found = null;
        foreach (AttributeProto each in proto.Attribute)
        {
            if (each.Name != attribute)
                continue;
            if (found is not null)
                throw DiagnosticDescriptors.InvalidModel.Error(file, name, $"the attribute '{attribute}' is there twice");
            found = each;
        }

        // Files of the first ONNX versions leave the type out.
        return found is null || found.Type == type || found.Type == 0
            ? found
            : throw DiagnosticDescriptors.InvalidModel.Error(file, name,
                string.Create(CultureInfo.InvariantCulture, $"the attribute '{attribute}' has type {found.Type}, not {type}"));
    }
}
