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
}
