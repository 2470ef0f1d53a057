using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a layer made of a batch.</summary>
/// <param name="Y">Its output: [batch, …].</param>
/// <param name="State">Its next state.</param>
/// <param name="Pass">The pass as the next layer gets it.</param>
/// <param name="Pullback">The way back, if the layer brings its own.</param>
public readonly record struct Passed(Tensor Y, ImmutableArray<Tensor> State, Pass Pass, Pullback? Pullback = null);
