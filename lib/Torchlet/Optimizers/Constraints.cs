using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Constraints on the parameters, as transforms: after each step the parameters are those that the constraint allows.
/// They belong at the end of a chain, behind the learning rate.
/// </summary>
/// <example><c>Chain(Optimizers.Adam(1e-3), Constraints.MaxNorm(3))</c></example>
public static class Constraints
{
    /// <summary>f(p + g) − p: each of the next parameters is replaced by a function of it, up to the rounding of one sum.</summary>
    /// <example><c>Constraints.Project(Slot.IsWeight, w => w - w.mean([1], keepdim: true))</c></example>
    /// <param name="only">Which parameters; all if null.</param>
    /// <param name="onto">The function, from a tensor to one of the same shape; it leaves its argument untouched.</param>
    /// <exception cref="ArgumentException">From a step: the function returned another shape.</exception>
    public static Transform Project(Func<Slot, bool>? only, Func<Tensor, Tensor> onto) => Project(only, (_, next) => onto(next));

    /// <summary>The same with a function that depends on the parameter's name or shape: <c>(slot, w) => w * masks[slot.Name]</c>.</summary>
    /// <inheritdoc cref="Project(Func{Slot, bool}, Func{Tensor, Tensor})"/>
    public static Transform Project(Func<Slot, bool>? only, Func<Slot, Tensor, Tensor> onto) => Projection($"Project({Named.Own})", only, onto);

    /// <summary>
    /// The weights into each unit scaled down to a norm of at most so much: w·min(1, max / ‖w‖₂) for each w of the first axis.
    /// Source: Srebro and Shraibman 2005; PyTorch: renorm(2, 0, max); Keras: MaxNorm.
    /// </summary>
    /// <param name="max">The largest norm.</param>
    /// <param name="only">Which parameters, of two axes or more; <see cref="Slot.IsWeight"/> if not given.</param>
    public static Transform MaxNorm(double max, Func<Slot, bool>? only = null) =>
        Projection(Invariant($"MaxNorm({max})"), only ?? Slot.IsWeight, (_, next) => next.renorm(2, 0, (float)max));

    /// <summary>max(0, p): no parameter is negative. Keras: NonNeg.</summary>
    /// <param name="only">Which parameters; all if not given.</param>
    public static Transform NonNegative(Func<Slot, bool>? only = null) => Projection("NonNegative()", only, (_, next) => next.relu());

    /// <summary>
    /// Parameters that are 0 before the first step stay 0: g·m with m = 1 where p ≠ 0, else 0. The mask m is the state, so a resumed run has it. It may be
    /// anywhere in a chain; in front of <see cref="Transforms.ClipByGlobalNorm"/> the norm leaves out the gradient of what stays 0.
    /// Source: Frankle and Carbin 2018, arXiv:1803.03635, the lottery ticket: the start weights times the mask are the recipe's <see cref="Recipe.Start"/>.
    /// </summary>
    /// <param name="only">Which parameters; <see cref="Slot.IsWeight"/> if not given, since biases may begin at 0.</param>
    public static Transform KeepZeros(Func<Slot, bool>? only = null) => Transforms.Only(only ?? Slot.IsWeight,
        new(1, p => [p.Flat.ne(zeros_like(p.Flat)).to_type(p.Flat.dtype)], (g, _, _, mask) => (g.mul(mask[0]), mask)) { Text = "KeepZeros()" });

    static Transform Projection(string text, Func<Slot, bool>? only, Func<Slot, Tensor, Tensor> onto) => Transforms.Only(only, new((g, p, _) =>
    {
        if (p.Slots.IsEmpty) return g;
        var next = p.Slots.Zip(Net.Views(p.Flat.Plus(g), p.Slots), (slot, values) => onto(slot, values).Want(slot.Name, slot.Shape.AsSpan()).flatten());
        return cat([.. next]) - p.Flat;
    })
    { Text = text, Constrains = true });
}
