using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A batch's way through a layer: (parameters, state, x [batch, …], pass) ↦ what came of it; its arguments are untouched.</summary>
public delegate Passed Forward(ImmutableArray<Tensor> parameters, ImmutableArray<Tensor> state, Tensor x, Pass pass);
