using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a batch says of a model.</summary>
/// <param name="LossSum">The sum of the losses, a scalar, however they are reduced.</param>
/// <param name="Gradient">The gradient of the reduced losses, laid out as <see cref="Model.Flat"/>.</param>
/// <param name="State">The model's next state.</param>
/// <param name="Pass">The pass as the last layer left it.</param>
public readonly record struct Differentiated(Tensor LossSum, Tensor Gradient, ImmutableArray<Tensor> State, Pass Pass);
