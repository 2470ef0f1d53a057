using System.Collections.Immutable;

namespace Torchlet;

/// <summary>An activation that has a name on the command line.</summary>
/// <param name="Name">Its name: leaky_relu.</param>
/// <param name="Layer">The layer.</param>
public sealed record Activation(string Name, Layer Layer)
{
    /// <summary>Every activation that has a name.</summary>
    public static ImmutableArray<Activation> All { get; } =
    [
        new("sigmoid", Layers.Sigmoid), new("relu", Layers.Relu), new("tanh", Layers.Tanh), new("gelu", Layers.Gelu), new("elu", Layers.Elu),
        new("leaky_relu", Layers.LeakyRelu), new("silu", Layers.Silu), new("identity", Layers.IdentityFunction),
    ];

    /// <summary>The activation of this name; null if there is none.</summary>
    public static Activation? Named(string name) => All.FirstOrDefault(a => a.Name == name);
}
