using System.Collections.Immutable;
using static System.FormattableString;

namespace Torchlet;

/// <summary>An activation that has a name on the command line.</summary>
/// <param name="Name">Its name: leaky_relu, or leaky_relu:0.2 of another slope.</param>
/// <param name="Layer">The layer.</param>
public sealed record Activation(string Name, Layer Layer)
{
    const string Leaky = "leaky_relu";

    /// <summary>Every activation that has a name; of those with a slope, that of the usual one.</summary>
    public static ImmutableArray<Activation> All { get; } =
    [
        new("sigmoid", Layers.Sigmoid), new("relu", Layers.Relu), new("tanh", Layers.Tanh), new("gelu", Layers.Gelu), new("elu", Layers.Elu),
        new(Leaky, Layers.LeakyRelu), new("silu", Layers.Silu), new("softplus", Layers.Softplus), new("mish", Layers.Mish), new("selu", Layers.Selu),
        new("hardtanh", Layers.Hardtanh), new("hardsigmoid", Layers.Hardsigmoid), new("hardswish", Layers.Hardswish), new("relu6", Layers.Relu6),
        new("identity", Layers.IdentityFunction),
    ];

    /// <summary>The activation of this name, <c>leaky_relu:slope</c> of any slope from 0; null if there is none.</summary>
    public static Activation? Named(string name) => All.FirstOrDefault(a => a.Name == name)
        ?? (NumberedName.Parse(name) is { Name: Leaky, Number: >= 0 and < 1e9 and var slope } ? new(name, Layers.LeakyRelu(slope)) : null);

    /// <summary>The name of an activation, with its slope if that is not the usual one.</summary>
    internal static string NameOf(LayerCall call)
    {
        var (name, layer) = All.First(a => a.Layer.Calls[0].Kind == call.Kind);
        return call.TextWithoutName == layer.Text ? name : Invariant($"{name}:{call.Numbers[0]}");
    }
}
