using System.Runtime.InteropServices;
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

    /// <summary>
    /// ∂y/∂x, which is differentiated in turn: for a loss that depends on a gradient, such as a gradient penalty. PyTorch: autograd.grad(create_graph=True).
    /// </summary>
    /// <example><c>var x = batch.Inputs.detach().requires_grad_(); var slope = Gradient.Of(model.Apply(x).sum(), x);</c></example>
    /// <param name="y">A tensor of one element, computed from x.</param>
    /// <param name="x">A tensor that requires a gradient.</param>
    /// <returns>Of x's shape.</returns>
    /// <exception cref="ArgumentException">x requires no gradient, y has more than one element, or y does not depend on x.</exception>
    public static Tensor Of(Tensor y, Tensor x)
    {
        if (!x.requires_grad) throw new ArgumentException("x: want a tensor that requires a gradient, got one that does not; use x.detach().requires_grad_().");
        if (y.numel() != 1 || !y.requires_grad)
            throw new ArgumentException(
                $"y: want a scalar that depends on x, got {Shapes.Show(y.shape)}{(y.requires_grad ? "" : " that depends on nothing differentiable")}.");
        try
        {
            return autograd.grad([y], [x], null, retain_graph: true, create_graph: true)[0];
        }
        catch (ExternalException e)
        {
            throw new ArgumentException("y: want a scalar that depends on x, got one that does not.", e);
        }
    }
}
