using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// The derivative of a layer at the batch that went through it: takes ∂loss/∂y, writes ∂loss/∂p into the views of the gradient, and gives a
/// function to ∂loss/∂x, which the first layer need not be asked for.
/// </summary>
/// <param name="dy">∂loss/∂y. The pullback may overwrite it: nobody else holds it.</param>
/// <param name="into">A view for each parameter, to be written once.</param>
public delegate Func<Tensor> Pullback(Tensor dy, ImmutableArray<Tensor> into);
