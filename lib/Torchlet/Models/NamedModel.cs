using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A model that has a name on the command line. The convolutional ones take pictures, of 28 × 28 pixels or some more or less.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Activation">The name of the activation that it has where no other one is named; null where it has none.</param>
/// <param name="Layers">Its layers.</param>
public sealed record NamedModel(string Name, string? Activation, Func<ModelParts, Layer> Layers)
{
    /// <summary>Every model that has a name. A line here is all that another one takes.</summary>
    public static ImmutableArray<NamedModel> All { get; } =
    [
        new("mlp", "sigmoid", m => Mlp.Layer(m.Hidden, m.Activation, m.Outputs, m.Init, m.Dropout ?? 0)),
        new("softmax", null, m => Mlp.Layer([], m.Activation, m.Outputs, m.Init)),
        new("lenet", "relu", LeNet),
        new("convnet", "relu", ConvNet),
        new("resnet", "relu", ResNet),
    ];

    /// <summary>The model of this name; null if there is none.</summary>
    public static NamedModel? Named(string name) => All.FirstOrDefault(m => m.Name == name);

    /// <summary>LeNet-5 as it is built today: max pooling, and logits at its end. Source: LeCun et al. 1998.</summary>
    static Layer LeNet(ModelParts m) =>
        Conv(6, 5, padding: 2, init: m.Init) >> m.Activation >> MaxPool(2) >> Conv(16, 5, init: m.Init) >> m.Activation >> MaxPool(2) >> Flatten
            >> Dense(120, m.Init) >> m.Activation >> DropoutOrNone(m.Dropout ?? 0)
            >> Dense(84, m.Init) >> m.Activation >> DropoutOrNone(m.Dropout ?? 0) >> Dense(m.Outputs, m.Init);

    /// <summary>Two convolutions of 3 × 3 with batch norm, and a hidden layer with dropout, 0.25 unless told.</summary>
    static Layer ConvNet(ModelParts m) =>
        Conv(16, 3, padding: 1, init: m.Init) >> BatchNorm() >> m.Activation >> MaxPool(2)
            >> Conv(32, 3, padding: 1, init: m.Init) >> BatchNorm() >> m.Activation >> MaxPool(2)
            >> Flatten >> Dense(128, m.Init) >> m.Activation >> DropoutOrNone(m.Dropout ?? 0.25) >> Dense(m.Outputs, m.Init);

    /// <summary>A small residual net of 32 channels: two blocks, each of two convolutions with batch norm. Source: He et al. 2015, arXiv:1512.03385.</summary>
    static Layer ResNet(ModelParts m)
    {
        var block = Residual(Conv(32, 3, padding: 1, init: m.Init) >> BatchNorm() >> m.Activation >> Conv(32, 3, padding: 1, init: m.Init) >> BatchNorm());
        return Conv(32, 3, stride: 2, padding: 1, init: m.Init) >> BatchNorm() >> m.Activation >> block >> m.Activation >> MaxPool(2)
            >> block >> m.Activation >> Flatten >> Dense(m.Outputs, m.Init);
    }
}

/// <summary>Parts of a named model; it uses those that it has a place for.</summary>
/// <param name="Outputs">How many numbers come out.</param>
/// <param name="Activation">The activation between its layers.</param>
public sealed record ModelParts(int Outputs, Layer Activation)
{
    /// <summary>Widths of the hidden layers.</summary>
    public ImmutableArray<int> Hidden { get; init; } = [];

    /// <summary>The probability of a hidden number to be dropped; null for the model's own.</summary>
    public double? Dropout { get; init; }

    /// <summary>First values; PyTorch's own if not given.</summary>
    public Initializer? Init { get; init; }
}

/// <summary>The multilayer perceptron: affine maps with an activation between them, named fc1, fc2, … as the course's notebook names them.</summary>
public static class Mlp
{
    /// <summary>Dense(hidden₁) >> f >> Dense(hidden₂) >> f >> … >> Dense(outputs), with Dropout after each f if there is any.</summary>
    /// <param name="hidden">Widths of the hidden layers; none for softmax regression.</param>
    /// <param name="activation">f.</param>
    /// <param name="outputs">Width of the last layer.</param>
    /// <param name="init">First values; PyTorch's own if not given.</param>
    /// <param name="dropout">The probability of a hidden number to be dropped.</param>
    public static Layer Layer(IEnumerable<int> hidden, Layer activation, int outputs, Initializer? init = null, double dropout = 0) =>
        hidden.Append(outputs).Index().Select(l => Layers.Dense(l.Item, init).As($"fc{l.Index + 1}"))
            .Aggregate((net, dense) => net >> activation >> Layers.DropoutOrNone(dropout) >> dense);

    /// <summary>The same with a custom function for f.</summary>
    /// <inheritdoc cref="Layer(IEnumerable{int}, Torchlet.Layer, int, Initializer?, double)"/>
    public static Layer Layer(IEnumerable<int> hidden, Func<Tensor, Tensor> activation, int outputs, Initializer? init = null, double dropout = 0) =>
        Layer(hidden, Layers.Function(activation), outputs, init, dropout);
}
