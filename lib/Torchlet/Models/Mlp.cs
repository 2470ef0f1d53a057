using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The multilayer perceptron: affine maps with an activation between them, named fc1, fc2, … as the course's notebook names them.</summary>
public static class Mlp
{
    /// <summary>Dense(hidden₁) >> f >> Dense(hidden₂) >> f >> … >> Dense(outputs), with Dropout after each f where there is any.</summary>
    /// <param name="hidden">Widths of the hidden layers; none for softmax regression.</param>
    /// <param name="activation">f.</param>
    /// <param name="outputs">Width of the last layer.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    /// <param name="dropout">The probability of a hidden number to be dropped.</param>
    public static Layer Layer(IEnumerable<int> hidden, Func<Tensor, Tensor> activation, int outputs, Initializer? init = null, double dropout = 0) =>
        hidden.Append(outputs).Index().Select(l => Layers.Dense(l.Item, init).As($"fc{l.Index + 1}"))
            .Aggregate((net, dense) => net >> activation >> Layers.DropoutOrNone(dropout) >> dense);

    /// <summary>Number of parameters: Σ (in + 1) · out.</summary>
    /// <param name="sizes">Width of the input, of each hidden layer, and of the output: [784, 50, 100, 10].</param>
    public static long Count(ImmutableArray<int> sizes) => sizes.Zip(sizes.Skip(1), (nIn, nOut) => (nIn + 1L) * nOut).Sum();

    /// <summary>The net of these sizes.</summary>
    /// <inheritdoc cref="Count"/>
    public static Net Net(ImmutableArray<int> sizes, Func<Tensor, Tensor> activation) => Layer(sizes[1..^1], activation, sizes[^1]).Fit(sizes[0]);
}
