using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Examples: what a model is given, and what it should make of it. The first axis of both counts them.</summary>
/// <param name="Inputs">
/// [count, …], of any element type: bytes of pictures stay bytes in memory, [count, 1, 28, 28], and become floats batch by batch. Other integers are ids or
/// numbers: see <see cref="Objective.Prepare"/>.
/// </param>
/// <param name="Targets">[count, …]: labels are integers 0 … classes − 1, [count].</param>
public sealed record Split(Tensor Inputs, Tensor Targets)
{
    /// <summary>Number of examples.</summary>
    public int Count => (int)Inputs.size(0);

    /// <summary>The shape of one example's input.</summary>
    public long[] InputShape => Inputs.shape[1..];

    /// <summary>Whether the inputs are pictures: [count, 1, height, width] of grey ones, [count, 3, height, width] of coloured ones.</summary>
    public bool ArePictures => IsOfPictures(Inputs);

    /// <summary>Whether a tensor holds the pixels of pictures, each from 0 to 255.</summary>
    internal static bool AreBytesOfPictures(Tensor inputs) => inputs.dtype == ScalarType.Byte && IsOfPictures(inputs);

    static bool IsOfPictures(Tensor inputs) => inputs.ndim == 4 && inputs.size(1) is 1 or 3;

    /// <summary>The examples in a word: images, or examples.</summary>
    public string Kind => ArePictures ? "images" : "examples";

    /// <summary>The examples of a range, as views of these: <c>data.Train[..1000]</c>.</summary>
    public Split this[Range range]
    {
        get
        {
            var (start, length) = range.GetOffsetAndLength(Count);
            return new(Inputs.narrow(0, start, length), Targets.narrow(0, start, length));
        }
    }

    /// <summary>The examples at these places, copied, in their order.</summary>
    /// <param name="places">[n], int64.</param>
    public Split At(Tensor places) => new(Inputs.index_select(0, places), Targets.index_select(0, places));

    /// <summary>The same examples on <paramref name="device"/>.</summary>
    public Split To(Device device) => new(Inputs.to(device), Targets.to(device));

    /// <summary>Examples out of arrays: <c>Split.Of(x, y)</c> of <c>float[,]</c> and <c>long[]</c>.</summary>
    /// <param name="inputs">A number or more an example, in an array of any rank.</param>
    /// <param name="targets">Labels or numbers, as many as the inputs.</param>
    /// <exception cref="ArgumentException">There is not one target for each input.</exception>
    public static Split Of(Array inputs, Array targets)
    {
        var (x, y) = (from_array(inputs), from_array(targets));
        if (y.size(0) != x.size(0)) throw new ArgumentException($"targets: want {x.size(0)}, one for each input, got {y.size(0)}.", nameof(targets));
        return new(x.ndim == 1 ? x.unsqueeze(1) : x, y);
    }
}
