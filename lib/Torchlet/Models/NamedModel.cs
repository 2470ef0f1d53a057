using System.Collections.Immutable;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A model that has a name on the command line. The convolutional ones take pictures, of 28 × 28 pixels or some more or less, vit and the
/// recurrent ones pictures or sequences of numbers, gpt and the recurrent ones sequences of ids.
/// </summary>
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
        new("lstm", null, m => OverSteps(m, Lstm(128))),
        new("gru", null, m => OverSteps(m, Gru(128))),
        new("vit", "gelu", Vit),
        new("gpt", "gelu", Gpt),
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

    /// <summary>
    /// A recurrent layer over the rows of a picture or the steps of a sequence, and its last state; of ids, scores of the next token after each token.
    /// </summary>
    static Layer OverSteps(ModelParts m, Layer cell) => m.AreIds && m.Input.Length == 1
        ? Embedding(m.Outputs, Width) >> Recurrent(cell, sequence: true) >> Each(DropoutOrNone(m.Dropout ?? 0) >> Dense(m.Outputs, m.Init))
        : Steps(m.Input) >> Recurrent(cell) >> DropoutOrNone(m.Dropout ?? 0) >> Dense(m.Outputs, m.Init);

    /// <summary>
    /// A small vision transformer: 64 numbers for each patch of about 4 × 4 pixels, or for each step of a sequence, two blocks of four heads, and the mean of
    /// the tokens. Source: Dosovitskiy et al. 2020, arXiv:2010.11929, which adds a token for the class instead.
    /// </summary>
    static Layer Vit(ModelParts m) => Patches(m.Input) >> Each(Dense(Width, m.Init)) >> Positional() >> Block(m) >> Block(m) >> Each(LayerNorm()) >> Mean(0)
        >> Dense(m.Outputs, m.Init);

    /// <summary>A small language model: scores of the next token after each token. Source: Radford et al. 2018.</summary>
    static Layer Gpt(ModelParts m) => !m.AreIds || m.Input.Length != 1 ? throw new ArgumentException("want sequences of ids: integers, [tokens]")
        : Embedding(m.Outputs, Width, Initializer.Normal(0.02)) >> Positional() >> Block(m, causal: true) >> Block(m, causal: true)
            >> Each(LayerNorm() >> Dense(m.Outputs, m.Init));

    const int Width = 64, Heads = 4;

    /// <summary>A block of a transformer, normalised first. Source: Vaswani et al. 2017; Xiong et al. 2020, arXiv:2002.04745.</summary>
    static Layer Block(ModelParts m, bool causal = false) => Residual(Each(LayerNorm()) >> Attention(Heads, causal) >> DropoutOrNone(m.Dropout ?? 0))
        >> Residual(Each(LayerNorm() >> Dense(2 * Width, m.Init) >> m.Activation >> Dense(Width, m.Init) >> DropoutOrNone(m.Dropout ?? 0)));

    /// <summary>A picture as a sequence of its rows; sequences stay.</summary>
    static Layer Steps(ImmutableArray<long> input) => input switch
    {
        [1, var h, var w] => Reshape(h, w),
        [var c, var h, var w] => Permute(1, 0, 2) >> Reshape(h, c * w),
        [_, _] => Identity,
        _ => throw new ArgumentException("want pictures, or sequences of numbers, [steps, numbers]"),
    };

    /// <summary>A picture as a sequence of square patches; sequences stay.</summary>
    static Layer Patches(ImmutableArray<long> input) => input is not [var c, var h, var w] ? Steps(input)
        : new long[] { 4, 5, 3, 6, 7, 8, 2 }.FirstOrDefault(side => h % side == 0 && w % side == 0) is > 0 and var p
            ? Reshape(c, h / p, p, w / p, p) >> Permute(1, 3, 0, 2, 4) >> Reshape(h / p * (w / p), c * p * p)
        : throw new ArgumentException("want a height and width that one of 2 to 8 divides");
}

/// <summary>Parts of a named model; it uses those that it has a place for.</summary>
/// <param name="Outputs">How many numbers come out.</param>
/// <param name="Activation">The activation between its layers.</param>
public sealed record ModelParts(int Outputs, Layer Activation)
{
    /// <summary>The shape of an example.</summary>
    public ImmutableArray<long> Input { get; init; } = [1, 28, 28];

    /// <summary>Whether the inputs are integers that stand for something, such as characters.</summary>
    public bool AreIds { get; init; }

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
