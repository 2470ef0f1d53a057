using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Checks at the boundary of a tensor function: the error says what was wanted and what came.</summary>
public static class Shapes
{
    /// <summary>The tensor itself, if its shape is <paramref name="shape"/>; -1 is any size.</summary>
    /// <exception cref="ArgumentException">The shape differs.</exception>
    public static Tensor Want(this Tensor tensor, string name, params ReadOnlySpan<long> shape)
    {
        if (tensor is null) throw new ArgumentException($"{name}: want {Show(shape)}, got null.", name);
        // Not tensor.shape, which leaves native memory to a finalizer at every call: the heap then grew by 10 MB an epoch.
        var fits = tensor.ndim == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = shape[i] < 0 || shape[i] == tensor.size(i);
        return fits ? tensor : throw new ArgumentException($"{name}: want {Show(shape)}, got {Show(tensor.shape)}.", name);
    }

    /// <summary>The tensor itself, if its element type is <paramref name="type"/>.</summary>
    /// <exception cref="ArgumentException">The element type differs.</exception>
    public static Tensor Want(this Tensor tensor, string name, ScalarType type) =>
        tensor.dtype == type ? tensor : throw new ArgumentException($"{name}: want {type}, got {tensor.dtype}.", name);

    /// <summary>The tensor itself, if it holds one number for each example of a batch.</summary>
    /// <exception cref="ArgumentException">Its shape is another: that of a mean over the batch, or of one number for each output.</exception>
    internal static Tensor WantOneEach(this Tensor? figures, string name, Tensor output) =>
        figures is { ndim: 1 } && figures.size(0) == output.size(0) ? figures
        : throw new ArgumentException($"{name}: want one number an example, [{output.size(0)}], got {(figures is null ? "null" : Show(figures.shape))}; "
            + "leave the reduction to the caller.");

    /// <summary>The tensor itself, if it holds the loss of each example of a batch.</summary>
    /// <inheritdoc cref="WantOneEach" path="/exception"/>
    internal static Tensor WantLosses(this Tensor? losses, Tensor output) => losses.WantOneEach("loss", output);

    /// <summary>How many elements a tensor of a shape has: the product of the lengths of its axes, 1 for a scalar.</summary>
    /// <exception cref="OverflowException">There are more than an integer counts.</exception>
    public static long Count(ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var length in shape) count = checked(count * length);
        return count;
    }

    /// <summary>A shape as it is written: [any, 784].</summary>
    internal static string Show(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray().Select(n => n < 0 ? "any" : $"{n}"))}]";
}
