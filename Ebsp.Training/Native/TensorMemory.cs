using System.Runtime.InteropServices;
using TorchSharp;

namespace Ebsp.Training.Native;

/// <summary>The memory of CPU tensors as spans: element-wise work needs no tensor operations, and no order of dimensions.</summary>
internal static partial class TensorMemory
{
    /// <summary>The float32 values of a dense tensor, in the order of its memory.</summary>
    public static unsafe Span<float> Floats(this torch.Tensor tensor)
    {
        if (tensor.dtype != torch.ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
            throw new ArgumentException("not a float32 tensor in memory", nameof(tensor));
        return new Span<float>((void*)THSTensor_data(tensor.Handle), checked((int)tensor.numel()));
    }

    /// <summary>The tensor itself where its values lie side by side, in C, H, W or H, W, C order; else a copy.</summary>
    public static torch.Tensor Dense(this torch.Tensor tensor)
    {
        if (tensor.is_contiguous())
            return tensor;
        long[] shape = tensor.shape, stride = tensor.stride();
        return shape.Length == 4 && stride[1] == 1 && stride[3] == shape[1] && stride[2] == shape[1] * shape[3]
            && stride[0] == shape[1] * shape[2] * shape[3] ? tensor : tensor.contiguous();
    }

    /// <summary>The tensor itself where its memory has the order of another's; else a copy in that order.</summary>
    public static torch.Tensor InOrderOf(this torch.Tensor tensor, torch.Tensor other)
    {
        if (tensor.stride().AsSpan().SequenceEqual(other.stride()))
            return tensor;
        torch.Tensor copy = torch.empty_like(other);
        copy.copy_(tensor);
        return copy;
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint handle);
}
