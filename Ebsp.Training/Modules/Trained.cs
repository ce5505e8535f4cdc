using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Modules;

/// <summary>What a trained array is, which says how it is regularized.</summary>
internal enum TrainedKind
{
    /// <summary>Weights of a convolution or dense layer.</summary>
    Weight,

    /// <summary>Bias, and factor and offset of batch normalization: no decay.</summary>
    Vector,

    /// <summary>Running mean and variance: not trained, but kept.</summary>
    Statistic,
}

/// <summary>A tensor that lives as long as the network.</summary>
internal sealed class Trained : IDisposable
{
    /// <summary>Takes a tensor over.</summary>
    /// <param name="name">Names it in a checkpoint.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="value">float32.</param>
    public Trained(string name, TrainedKind kind, Tensor value)
    {
        (Name, Kind, Value) = (name, kind, value.DetachFromDisposeScope());
        if (kind != TrainedKind.Statistic)
            Value.requires_grad = true;
    }

    /// <summary>Names it in a checkpoint.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public TrainedKind Kind { get; }

    /// <summary>The tensor.</summary>
    public Tensor Value { get; private set; }

    /// <summary>Its values.</summary>
    public Span<float> Floats => Value.Floats();

    /// <summary>From an array.</summary>
    public static Trained Of(string name, TrainedKind kind, ReadOnlySpan<float> values, long[] shape)
    {
        Tensor tensor = empty(shape, dtype: ScalarType.Float32);
        values.CopyTo(tensor.Floats());
        return new Trained(name, kind, tensor);
    }

    /// <summary>Takes another type, such as double precision to check gradients.</summary>
    public void To(ScalarType type)
    {
        Tensor old = Value;
        Value = old.detach().to(type).DetachFromDisposeScope();
        Value.requires_grad = Kind != TrainedKind.Statistic;
        old.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}
