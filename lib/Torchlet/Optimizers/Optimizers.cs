using System.Collections.Immutable;
using static Torchlet.Transforms;

namespace Torchlet;

/// <summary>
/// The optimizers by their usual names,
/// each a chain of <see cref="Transforms"/> that ends in a learning rate η, a number or a <see cref="Schedule"/>.
/// </summary>
public static class Optimizers
{
    /// <summary>Every optimizer that has a name on the command line, as a function of its learning rate.</summary>
    public static ImmutableArray<(string Name, Func<Schedule, Transform> Of)> All { get; } =
    [
        ("adam", rate => Adam(rate)), ("sgd", Sgd), ("momentum", rate => WithMomentum(rate)), ("nesterov", rate => WithMomentum(rate, nesterov: true)),
        ("adamw", rate => AdamW(rate)), ("rmsprop", rate => RmsProp(rate)), ("adagrad", rate => Adagrad(rate)),
        ("adadelta", rate => Adadelta(rate)), ("lion", rate => Lion(rate)),
    ];

    /// <summary>The optimizer of this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Func<Schedule, Transform> Named(string name) => All.FirstOrDefault(o => o.Name == name).Of
        ?? throw new ArgumentException($"optimizer: want {string.Join(", ", All.Select(o => o.Name))}, got {name}.", nameof(name));

    /// <summary>Stochastic gradient descent: −η·g. PyTorch: optim.SGD.</summary>
    public static Transform Sgd(Schedule rate) => ScaleBy(rate) with { Text = $"Sgd({rate.Text})" };

    /// <summary>SGD with momentum, −η·b of <see cref="Momentum"/>. PyTorch: optim.SGD(momentum=μ, nesterov=…).</summary>
    public static Transform WithMomentum(Schedule rate, double decay = 0.9, bool nesterov = false) => Chain(Momentum(decay, nesterov), ScaleBy(rate));

    /// <summary>Adam: −η·m̂ / (√v̂ + ε). Source: Kingma and Ba 2015, arXiv:1412.6980; PyTorch: optim.Adam.</summary>
    public static Transform Adam(Schedule rate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        Chain(ScaleByAdam(beta1, beta2, epsilon), ScaleBy(rate)) is var adam && (beta1, beta2, epsilon) == (0.9, 0.999, 1e-8)
            ? adam with { Text = $"Adam({rate.Text})" }
            : adam;

    /// <summary>AdamW: −η·(m̂ / (√v̂ + ε) + λ·p). Source: Loshchilov and Hutter 2017, arXiv:1711.05101; PyTorch: optim.AdamW.</summary>
    /// <param name="rate">η.</param>
    /// <param name="decay">λ.</param>
    /// <param name="only">Which parameters decay; all if not given, as in PyTorch.</param>
    public static Transform AdamW(Schedule rate, double decay = 1e-2, Func<Slot, bool>? only = null) =>
        Chain(ScaleByAdam(), AddDecayedWeights(decay, only), ScaleBy(rate));

    /// <summary>RMSprop: −η·g / (√v + ε). Source: Tieleman and Hinton 2012; PyTorch: optim.RMSprop.</summary>
    public static Transform RmsProp(Schedule rate, double decay = 0.99, double epsilon = 1e-8) => Chain(ScaleByRms(decay, epsilon), ScaleBy(rate));

    /// <summary>Adagrad: −η·g / (√Σg² + ε). Source: Duchi et al. 2011; PyTorch: optim.Adagrad.</summary>
    public static Transform Adagrad(Schedule rate, double epsilon = 1e-10) => Chain(ScaleByAdagrad(epsilon), ScaleBy(rate));

    /// <summary>Adadelta: −η·Δ. Source: Zeiler 2012, arXiv:1212.5701; PyTorch: optim.Adadelta.</summary>
    public static Transform Adadelta(Schedule rate, double decay = 0.9, double epsilon = 1e-6) => Chain(ScaleByAdadelta(decay, epsilon), ScaleBy(rate));

    /// <summary>Lion: −η·(sign(β₁·m + (1 − β₁)·g) + λ·p). Source: Chen et al. 2023, arXiv:2302.06675; optax: lion.</summary>
    public static Transform Lion(Schedule rate, double beta1 = 0.9, double beta2 = 0.99, double decay = 0) =>
        Chain([ScaleByLion(beta1, beta2), .. decay == 0 ? (ImmutableArray<Transform>)[] : [AddDecayedWeights(decay)], ScaleBy(rate)]);
}
