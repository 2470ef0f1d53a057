using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A step's way from the gradient to what is to be added to the parameters: (gradient, parameters, step from 1, state) ↦ (update, next state).
/// Its arguments are untouched; a state that did not change may be given back as it is.
/// </summary>
public delegate (Tensor Update, ImmutableArray<Tensor> State) Update(Tensor gradient, ParameterVector parameters, long step, ImmutableArray<Tensor> state);
