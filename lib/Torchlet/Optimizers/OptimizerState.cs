using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What an optimizer remembers between steps.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Tensors">Running averages and the like; which ones is the transform's business.</param>
public sealed record OptimizerState(long Step, ImmutableArray<Tensor> Tensors)
{
    /// <summary>The state before the first step.</summary>
    public static OptimizerState Of(Transform transform, ParameterVector parameters) => new(0, transform.Init(parameters));
}
