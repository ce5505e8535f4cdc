namespace Ebsp.Compiler.Reference;

/// <summary>Sees a tensor of one image as it is made, the input included.</summary>
/// <param name="tensor">Name of the tensor.</param>
/// <param name="values">Its values in C, H, W order; valid during the call only.</param>
public delegate void TensorObserver(string tensor, ReadOnlySpan<float> values);

/// <summary>Sees a tensor of one image of many; called from several threads at once.</summary>
/// <param name="image">Number of the image.</param>
/// <param name="tensor">Name of the tensor.</param>
/// <param name="values">Its values in C, H, W order; valid during the call only.</param>
public delegate void ImageObserver(int image, string tensor, ReadOnlySpan<float> values);
