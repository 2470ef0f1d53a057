using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A function between two layers, with what is known of it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Function">The function, elementwise.</param>
/// <param name="Derivative">Its derivative as a function of its value y, where there is a short one; null leaves it to automatic differentiation.</param>
public sealed record Activation(string Name, Func<Tensor, Tensor> Function, Func<Tensor, Tensor>? Derivative = null)
{
    /// <summary>Every activation that has a name.</summary>
    public static ImmutableArray<Activation> All { get; } =
    [
        new("sigmoid", Activations.Sigmoid, y => y - y.square()),
        new("relu", Activations.Relu, y => y.sign()),
        new("tanh", Activations.Tanh, y => ones_like(y).sub_(y.square())),
        new("gelu", Activations.Gelu),
        new("elu", Activations.Elu),
        new("leaky_relu", Activations.LeakyRelu),
        new("silu", Activations.Silu),
        new("identity", x => x.alias(), y => ones_like(y)),
    ];

    /// <summary>Its name as a layer: <c>LeakyRelu</c> of leaky_relu.</summary>
    public string LayerName => string.Concat(Name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>The activation of this name; null if there is none.</summary>
    public static Activation? Named(string name) => All.FirstOrDefault(a => a.Name == name);

    /// <summary>What is known of a function; null of somebody's own.</summary>
    public static Activation? Of(Func<Tensor, Tensor> function) => All.FirstOrDefault(a => a.Function == function);
}
