using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Differentiation as a higher-order function: give it a scalar function, get its value and gradient at a point.</summary>
public static class Gradient
{
    /// <summary>p ↦ (f(p), ∇f(p)) by reverse-mode automatic differentiation. JAX: value_and_grad.</summary>
    /// <example><c>Gradient.ValueAndGrad(p => p.square().sum())(tensor([1f, 2f]))</c> gives 5 and [2, 4].</example>
    /// <param name="f">A function to a tensor of one element that depends on its argument.</param>
    /// <returns>A function whose Value is f(p), a scalar, and whose Gradient has p's shape; p itself is untouched.</returns>
    /// <exception cref="ArgumentException">f gave more than one element, or nothing that depends on p.</exception>
    public static Func<Tensor, (Tensor Value, Tensor Gradient)> ValueAndGrad(Func<Tensor, Tensor> f) => p =>
    {
        using var scope = NewDisposeScope();
        var leaf = p.detach().requires_grad_();
        var y = f(leaf);
        // Asked for anything else, TorchSharp 0.107's autograd ends the process.
        if (y.numel() != 1 || !y.requires_grad)
            throw new ArgumentException(
                $"ValueAndGrad: want a scalar that depends on the parameters, got {Shapes.Show(y.shape)}{(y.requires_grad ? "" : " that does not")}.");
        y.backward();
        var gradient = leaf.grad ?? zeros_like(leaf);
        return (y.detach().MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    };
}
