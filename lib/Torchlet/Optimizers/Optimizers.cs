using System.Collections.Immutable;
using static Torchlet.Transforms;

namespace Torchlet;

/// <summary>
/// The optimizers by their usual names,
/// each a chain of <see cref="Transforms"/> that ends in a learning rate η, a number or a <see cref="Schedule"/>.
/// </summary>
public static class Optimizers
{
    /// <summary>
    /// Every optimizer that has a name on the command line, as a function of its learning rate η, its weight decay λ and its momentum μ, null for its usual
    /// ones. The decay is decoupled in adamw and lion, in the others an L2 penalty, as PyTorch's weight_decay; those without a momentum leave it alone.
    /// </summary>
    public static ImmutableArray<(string Name, Func<Schedule, double?, double?, Transform> Of)> All { get; } =
    [
        ("adam", (rate, decay, _) => Penalised(decay, Adam(rate))),
        ("sgd", (rate, decay, momentum) => Penalised(decay, momentum is { } μ ? WithMomentum(rate, μ) : Sgd(rate))),
        ("momentum", (rate, decay, momentum) => Penalised(decay, WithMomentum(rate, momentum ?? 0.9))),
        ("nesterov", (rate, decay, momentum) => Penalised(decay, WithMomentum(rate, momentum ?? 0.9, nesterov: true))),
        ("adamw", (rate, decay, _) => AdamW(rate, decay ?? 1e-2)),
        ("nadam", (rate, decay, _) => Penalised(decay, NAdam(rate))),
        ("radam", (rate, decay, _) => Penalised(decay, RAdam(rate))),
        ("rmsprop", (rate, decay, _) => Penalised(decay, RmsProp(rate))),
        ("adagrad", (rate, decay, _) => Penalised(decay, Adagrad(rate))),
        ("adadelta", (rate, decay, _) => Penalised(decay, Adadelta(rate))),
        ("lion", (rate, decay, _) => Lion(rate, decay: decay ?? 0)),
    ];

    /// <summary>The optimizer of this name.</summary>
    /// <param name="name">Its name in <see cref="All"/>.</param>
    /// <param name="decay">λ; its usual one if not given.</param>
    /// <param name="momentum">μ; its usual one if not given.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Func<Schedule, Transform> Named(string name, double? decay = null, double? momentum = null) =>
        All.FirstOrDefault(o => o.Name == name).Of is { } of ? rate => of(rate, decay, momentum)
            : throw new ArgumentException($"optimizer: want {string.Join(", ", All.Select(o => o.Name))}, got {name}.", nameof(name));

    /// <summary>Stochastic gradient descent: −η·g. PyTorch: optim.SGD.</summary>
    public static Transform Sgd(Schedule rate) => ScaleByLearningRate(rate) with { Text = $"Sgd({rate.Text})" };

    /// <summary>SGD with momentum, −η·b of <see cref="Momentum"/>. PyTorch: optim.SGD(momentum=μ, nesterov=…).</summary>
    public static Transform WithMomentum(Schedule rate, double decay = 0.9, bool nesterov = false) =>
        Chain(Momentum(decay, nesterov), ScaleByLearningRate(rate));

    /// <summary>Adam: −η·m̂ / (√v̂ + ε). Source: Kingma and Ba 2015, arXiv:1412.6980; PyTorch: optim.Adam.</summary>
    public static Transform Adam(Schedule rate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        Chain(ScaleByAdam(beta1, beta2, epsilon), ScaleByLearningRate(rate)) is var adam && (beta1, beta2, epsilon) == (0.9, 0.999, 1e-8)
            ? adam with { Text = $"Adam({rate.Text})" }
            : adam;

    /// <summary>AdamW: −η·(m̂ / (√v̂ + ε) + λ·p). Source: Loshchilov and Hutter 2017, arXiv:1711.05101; PyTorch: optim.AdamW.</summary>
    /// <param name="rate">η.</param>
    /// <param name="decay">λ.</param>
    /// <param name="only">Which parameters decay; all if not given, as in PyTorch.</param>
    public static Transform AdamW(Schedule rate, double decay = 1e-2, Func<Slot, bool>? only = null) =>
        Chain(ScaleByAdam(), AddDecayedWeights(decay, only), ScaleByLearningRate(rate));

    /// <summary>NAdam, Adam with Nesterov's look ahead: −η times <see cref="ScaleByNAdam"/>. Source: Dozat 2016; PyTorch 2: optim.NAdam.</summary>
    public static Transform NAdam(Schedule rate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double momentumDecay = 4e-3) =>
        Chain(ScaleByNAdam(beta1, beta2, epsilon, momentumDecay), ScaleByLearningRate(rate));

    /// <summary>RAdam, Adam with its first steps rectified: −η times <see cref="ScaleByRAdam"/>. Source: Liu et al. 2019; PyTorch: optim.RAdam.</summary>
    public static Transform RAdam(Schedule rate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        Chain(ScaleByRAdam(beta1, beta2, epsilon), ScaleByLearningRate(rate));

    /// <summary>RMSprop: −η·g / (√v + ε). Source: Tieleman and Hinton 2012; PyTorch: optim.RMSprop.</summary>
    public static Transform RmsProp(Schedule rate, double decay = 0.99, double epsilon = 1e-8) => Chain(ScaleByRms(decay, epsilon), ScaleByLearningRate(rate));

    /// <summary>Adagrad: −η·g / (√Σg² + ε). Source: Duchi et al. 2011; PyTorch: optim.Adagrad.</summary>
    public static Transform Adagrad(Schedule rate, double epsilon = 1e-10) => Chain(ScaleByAdagrad(epsilon), ScaleByLearningRate(rate));

    /// <summary>Adadelta: −η·Δ. Source: Zeiler 2012, arXiv:1212.5701; PyTorch: optim.Adadelta.</summary>
    public static Transform Adadelta(Schedule rate, double decay = 0.9, double epsilon = 1e-6) =>
        Chain(ScaleByAdadelta(decay, epsilon), ScaleByLearningRate(rate));

    /// <summary>Lion: −η·(sign(β₁·m + (1 − β₁)·g) + λ·p). Source: Chen et al. 2023, arXiv:2302.06675; optax: lion.</summary>
    public static Transform Lion(Schedule rate, double beta1 = 0.9, double beta2 = 0.99, double decay = 0) =>
        Chain([ScaleByLion(beta1, beta2), .. decay == 0 ? (ImmutableArray<Transform>)[] : [AddDecayedWeights(decay)], ScaleByLearningRate(rate)]);

    static Transform Penalised(double? decay, Transform optimizer) => decay is { } λ and not 0 ? Chain(AddDecayedWeights(λ), optimizer) : optimizer;
}
