namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Where the elements of a moved, repeated or cut tensor lie in the one that it is made of.</summary>
internal static class Places
{
    /// <summary>Distance of neighbors along each axis in C order.</summary>
    public static int[] Strides(int[] dims)
    {
        int[] strides = new int[dims.Length];
        for (int axis = dims.Length - 1, stride = 1; axis >= 0; stride *= Math.Max(dims[axis--], 1))
            strides[axis] = stride;
        return strides;
    }

    /// <summary>Places of all elements in C order.</summary>
    /// <param name="axes">For each axis of the result what each index adds to the place; -1 for outside.</param>
    /// <param name="count">Product of the lengths.</param>
    public static int[] Of(int[][] axes, int count)
    {
        int[] places = new int[count];
        int[] index = new int[axes.Length];
        for (int i = 0; i < count; i++)
        {
            int place = 0;
            for (int axis = 0; axis < axes.Length && place >= 0; axis++)
                place = axes[axis][index[axis]] < 0 ? -1 : place + axes[axis][index[axis]];
            places[i] = place;
            for (int axis = axes.Length - 1; axis >= 0 && ++index[axis] == axes[axis].Length; axis--)
                index[axis] = 0;
        }

        return places;
    }

    /// <summary>Places of a tensor that is repeated along axes of length 1 up to the dimensions of a result (ONNX broadcasting).</summary>
    public static int[] Broadcast(int[] dims, int[] result, int count)
    {
        int[] strides = Strides(dims);
        int ahead = result.Length - dims.Length;
        return Of([.. result.Select((length, axis) =>
        {
            int stride = axis < ahead || dims[axis - ahead] == 1 ? 0 : strides[axis - ahead];
            return Enumerable.Range(0, length).Select(i => i * stride).ToArray();
        })], count);
    }

    /// <summary>Dimensions that two tensors are repeated to.</summary>
    /// <exception cref="NotMappedException">They do not fit.</exception>
    public static int[] Common(int[] a, int[] b)
    {
        int[] dims = new int[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= dims.Length; i++)
        {
            int x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
            dims[^i] = x == y || y == 1
                ? x
                : x == 1 ? y : throw new NotMappedException($"shapes {HostTensor.Text(a)} and {HostTensor.Text(b)}");
        }

        return dims;
    }
}
