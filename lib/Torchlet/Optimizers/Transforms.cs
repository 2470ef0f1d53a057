using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// The parts that optimizers are chained from. g is the gradient, or what the part before made of it; p are the parameters, t the step from 1.
/// The result goes to the next part, and the last result is added to the parameters.
/// </summary>
public static class Transforms
{
    /// <summary>
    /// One transform after the other, each given what the one before made of the gradient.
    /// Associative; an empty chain gives g. optax: chain.
    /// </summary>
    /// <example><c>Chain(ClipByGlobalNorm(1), ScaleByAdam(), AddDecayedWeights(1e-2, only: Slot.IsWeight), ScaleByLearningRate(1e-3))</c></example>
    public static Transform Chain(params ImmutableArray<Transform> transforms) =>
        transforms is [var first, .. var rest] ? rest.Aggregate(first, Then) : new((g, _, _) => g) { Text = "Chain()" };

    /// <summary>−η(t)·g: the end of a descent, where the learning rate is.</summary>
    public static Transform ScaleByLearningRate(Schedule rate) => new((g, _, t) => g.Times(-rate.At(t)))
    {
        LearningRate = rate, Text = $"ScaleByLearningRate({rate.Text})",
        ByRows = rate.ByRows is { } by ? rows => ScaleByLearningRate(by(rows)) : null,
    };

    /// <summary>−η(t)·g with a custom schedule: <c>ScaleByLearningRate(t => 0.1 / Math.Sqrt(t))</c>.</summary>
    public static Transform ScaleByLearningRate(Func<long, double> rate) => ScaleByLearningRate(new Schedule(rate));

    /// <summary>k·g.</summary>
    public static Transform Scale(double k) => new((g, _, _) => g.Times(k)) { Text = Invariant($"Scale({k})") };

    /// <summary>
    /// m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²;  m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
    /// Source: Kingma and Ba 2015, arXiv:1412.6980; optax: scale_by_adam.
    /// </summary>
    public static Transform ScaleByAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) => new(2, (g, _, t, moments) =>
    {
        var (m, v) = Moments(g, moments, beta1, beta2);
        // m̂ / (√v̂ + ε) = m / (c·√v + c₁·ε) with c₁ = 1 − β₁ᵗ and c = c₁ / √(1 − β₂ᵗ): one pass over the vector less.
        var c1 = 1 - Math.Pow(beta1, t);
        var denominator = v.sqrt().Times_(c1 / Math.Sqrt(1 - Math.Pow(beta2, t))).Plus_(c1 * epsilon);
        return (m.div(denominator), [m, v]);
    })
    { Text = Invariant($"ScaleByAdam({beta1}, {beta2}, {epsilon})") };

    /// <summary>
    /// m and v as in <see cref="ScaleByAdam"/>,  μₜ = β₁·(1 − 0.96^(ψ·t) / 2),  π ← π·μₜ from 1:
    /// (μₜ₊₁ / (1 − π·μₜ₊₁)·m + (1 − μₜ) / (1 − π)·g) / (√v̂ + ε). The state is m, v and π. Source: Dozat 2016; PyTorch 2: NAdam.
    /// </summary>
    /// <param name="beta1">β₁.</param>
    /// <param name="beta2">β₂.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="momentumDecay">ψ.</param>
    public static Transform ScaleByNAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double momentumDecay = 4e-3) => new(
        3, p => [zeros_like(p.Flat), zeros_like(p.Flat), Scalars.Filled([], 1).to(p.Flat.device)], (g, _, t, state) =>
        {
            var (m, v) = Moments(g, state, beta1, beta2);
            double Mu(long step) => beta1 * (1 - 0.5 * Math.Pow(0.96, step * momentumDecay));
            var (mu, next) = (Mu(t), Mu(t + 1));
            var product = state[2].Times(mu);
            var mean = m.mul(product.Times(-next).Plus_(1).reciprocal_().Times_(next)).Plus_(g.mul(product.neg().Plus_(1).reciprocal_().Times_(1 - mu)));
            return (mean.div_(v.sqrt().Times_(1 / Math.Sqrt(1 - Math.Pow(beta2, t))).Plus_(epsilon)), [m, v, product]);
        })
    {
        Text = Invariant($"ScaleByNAdam({beta1}, {beta2}, {epsilon}, {momentumDecay})"),
    };

    /// <summary>
    /// m̂ and v̂ as in <see cref="ScaleByAdam"/>, ρ∞ = 2 / (1 − β₂) − 1, ρ = ρ∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ):  r·m̂·√(1 − β₂ᵗ) / (√v + ε) with
    /// r² = (ρ − 4)·(ρ − 2)·ρ∞ / ((ρ∞ − 4)·(ρ∞ − 2)·ρ) where ρ > 5, else m̂. Source: Liu et al. 2019, arXiv:1908.03265; PyTorch: RAdam.
    /// </summary>
    public static Transform ScaleByRAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) => new(2, (g, _, t, moments) =>
    {
        var (m, v) = Moments(g, moments, beta1, beta2);
        var (c1, c2, most) = (1 - Math.Pow(beta1, t), 1 - Math.Pow(beta2, t), 2 / (1 - beta2) - 1);
        var length = most - 2 * t * (1 - c2) / c2;
        var rectified = Math.Sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length));
        return (length > 5 ? m.Times(rectified * Math.Sqrt(c2) / c1).div_(v.sqrt().Plus_(epsilon)) : m.Times(1 / c1), [m, v]);
    })
    { Text = Invariant($"ScaleByRAdam({beta1}, {beta2}, {epsilon})") };

    /// <summary>b ← μ·b + g;  b, or with Nesterov's look ahead g + μ·b. Source: Sutskever et al. 2013; PyTorch: SGD(momentum=μ, nesterov=…).</summary>
    public static Transform Momentum(double decay = 0.9, bool nesterov = false) => new(1, (g, _, _, trace) =>
    {
        var b = trace[0].Times(decay).Plus_(g);
        return (nesterov ? g.Plus(b, decay) : b, [b]);
    })
    { Text = Invariant($"Momentum({decay}{(nesterov ? ", nesterov: true" : "")})") };

    /// <summary>v ← α·v + (1 − α)·g²;  g / (√v + ε). Source: Tieleman and Hinton 2012; PyTorch: RMSprop.</summary>
    public static Transform ScaleByRms(double decay = 0.99, double epsilon = 1e-8) => new(1, (g, _, _, average) =>
    {
        var v = average[0].Times(decay).AddProduct_(g, g, 1 - decay);
        return (g.div(v.sqrt().Plus_(epsilon)), [v]);
    })
    { Text = Invariant($"ScaleByRms({decay}, {epsilon})") };

    /// <summary>s ← s + g²;  g / (√s + ε). Source: Duchi et al. 2011; PyTorch: Adagrad.</summary>
    public static Transform ScaleByAdagrad(double epsilon = 1e-10) => new(1, (g, _, _, sum) =>
    {
        var s = sum[0].clone().AddProduct_(g, g, 1);
        return (g.div(s.sqrt().Plus_(epsilon)), [s]);
    })
    { Text = Invariant($"ScaleByAdagrad({epsilon})") };

    /// <summary>
    /// v ← ρ·v + (1 − ρ)·g²,  Δ = √(u + ε) / √(v + ε) · g,  u ← ρ·u + (1 − ρ)·Δ²;  Δ. Source: Zeiler 2012, arXiv:1212.5701; PyTorch: Adadelta.
    /// </summary>
    public static Transform ScaleByAdadelta(double decay = 0.9, double epsilon = 1e-6) => new(2, (g, _, _, averages) =>
    {
        var v = averages[0].Times(decay).AddProduct_(g, g, 1 - decay);
        var delta = averages[1].Plus(epsilon).sqrt_().div_(v.Plus(epsilon).sqrt_()).mul_(g);
        return (delta, [v, averages[1].Times(decay).AddProduct_(delta, delta, 1 - decay)]);
    })
    { Text = Invariant($"ScaleByAdadelta({decay}, {epsilon})") };

    /// <summary>sign(β₁·m + (1 − β₁)·g),  m ← β₂·m + (1 − β₂)·g. Source: Chen et al. 2023, arXiv:2302.06675; optax: scale_by_lion.</summary>
    public static Transform ScaleByLion(double beta1 = 0.9, double beta2 = 0.99) => new(1, (g, _, _, m) =>
        (m[0].Times(beta1).AddScaled_(g, 1 - beta1).sign_(),
            [m[0].Times(beta2).AddScaled_(g, 1 - beta2)]))
    { Text = Invariant($"ScaleByLion({beta1}, {beta2})") };

    /// <summary>
    /// g + λ·p: before the part that scales a gradient an L2 penalty, after it decoupled weight decay. Source: Loshchilov and Hutter 2017,
    /// arXiv:1711.05101; optax: add_decayed_weights.
    /// </summary>
    /// <param name="decay">λ.</param>
    /// <param name="only">Which parameters; all if not given. <see cref="Slot.IsWeight"/> leaves biases and gains alone.</param>
    public static Transform AddDecayedWeights(double decay, Func<Slot, bool>? only = null) =>
        Only(only, new((g, p, _) => g.Plus(p.Flat, decay)) { Text = Invariant($"AddDecayedWeights({decay})") });

    /// <summary>g · min(1, max / (‖g‖₂ + 10⁻⁶)) over all parameters together. Source: Pascanu et al. 2012, arXiv:1211.5063; PyTorch: clip_grad_norm_.</summary>
    public static Transform ClipByGlobalNorm(double max) => new((g, _, _) =>
    {
        var scale = g.norm().Plus_(1e-6).reciprocal_().Times_(max);
        return g * scale.minimum(ones_like(scale));
    })
    { Text = Invariant($"ClipByGlobalNorm({max})") };

    /// <summary>Each element of g limited to −max … max. PyTorch: clip_grad_value_.</summary>
    public static Transform ClipByValue(double max) => new((g, _, _) => g.Limited(max)) { Text = Invariant($"ClipByValue({max})") };

    /// <summary>
    /// 0 for the parameters chosen: they stay as they are. At the end of a chain. Their gradient is 0 for every part of the chain, so that a norm leaves
    /// them out. PyTorch: requires_grad_(False).
    /// </summary>
    /// <example><c>Chain(ClipByGlobalNorm(1), Optimizers.Adam(1e-3), Freeze(p => p.Name.StartsWith("0.")))</c></example>
    public static Transform Freeze(Func<Slot, bool> only) => Only(only, Scale(0)) with { Text = $"Freeze({Shown(only)})", Frozen = only };

    /// <summary>
    /// A transform on the parameters chosen alone; g passes for the others:
    /// <c>Only(p => p.Name.StartsWith("0."), Scale(0.1))</c> is a rate of their own.
    /// </summary>
    /// <param name="only">Which parameters; all if not given.</param>
    /// <param name="transform">What is done to them.</param>
    /// <exception cref="ArgumentException">The transform averages the parameters: an average is kept of all of them.</exception>
    public static Transform Only(Func<Slot, bool>? only, Transform transform) => only is null ? transform : WithoutAverage(transform) with
    {
        Init = p => transform.Init(Chosen(p, only, p.Stretches(only))),
        Update = (g, p, t, state) =>
        {
            var stretches = p.Stretches(only);
            var (update, next) = transform.Update(At(g, stretches), Chosen(p, only, stretches), t, state);
            var all = g.clone();
            var at = 0L;
            foreach (var (start, length) in stretches)
            {
                all.narrow(0, start, length).copy_(update.narrow(0, at, length));
                at += length;
            }
            return (all, next);
        },
        Text = $"Only({Shown(only)}, {transform.Text})",
        Frozen = transform.Frozen is { } frozen ? slot => only(slot) && frozen(slot) : null,
        ByRows = transform.ByRows is { } by ? rows => Only(only, by(rows)) : null,
    };

    /// <summary>
    /// a ← δ·a + (1 − δ)·(p + g), the exponential moving average of the parameters; g passes. At the end of a chain, where p + g are the next parameters.
    /// A run then keeps, exports and is judged by the average, and an epoch has the figures of both. The average starts as the weights before the first step;
    /// that of PyTorch's AveragedModel starts as those after it. Source: Polyak and Juditsky 1992; optax: ema of params.
    /// </summary>
    public static Transform AverageParameters(double decay = 0.999) => new(1, p => [p.Flat.clone()], (g, p, _, average) =>
        (g, [average[0].Times(decay).AddScaled_(p.Flat.Plus(g), 1 - decay)]))
    { Average = state => state[0], Text = Invariant($"AverageParameters({decay})") };

    /// <summary>
    /// The arithmetic mean of the parameters as they are after every so many steps, behind a first number of steps; until then the parameters themselves.
    /// g passes. A run keeps and is judged by it, as by <see cref="AverageParameters"/>, and it belongs at the same place: the end of the whole chain.
    /// Source: Izmailov et al. 2018, arXiv:1803.05407, stochastic weight averaging; PyTorch: swa_utils.AveragedModel.
    /// </summary>
    /// <remarks>a ← a + (p + g − a) / n at step after + n·every. Running statistics of layers stay those of the training.</remarks>
    /// <example><c>Chain(Optimizers.WithMomentum(0.05), MeanOfParameters(every: 469, after: 5 * 469))</c></example>
    /// <param name="every">Steps between two of the parameters that it is the mean of, such as those of an epoch.</param>
    /// <param name="after">Steps before the first <paramref name="every"/> count.</param>
    public static Transform MeanOfParameters(long every = 1, long after = 0) => new(1, p => [p.Flat.clone()], (g, p, t, mean) =>
    {
        var (count, rest) = Math.DivRem(t - after, every);
        var next = p.Flat.Plus(g);
        return (g, (count, rest) is ( < 1, _) or (1, 0) ? [next] : rest != 0 ? mean : [mean[0].Plus(next - mean[0], 1.0 / count)]);
    })
    { Average = state => state[0], Text = $"MeanOfParameters({every}, {after})" };

    /// <summary>The transform on the mean gradient of so many steps, once in as many; 0 in between. optax: MultiSteps.</summary>
    /// <param name="steps">How many batches make one step.</param>
    /// <param name="then">What is done with the mean.</param>
    public static Transform Accumulate(int steps, Transform then) => then with
    {
        States = 1 + then.States,
        Init = p => [zeros_like(p.Flat), .. then.Init(p)],
        Update = (g, p, t, state) =>
        {
            var sum = state[0].Plus(g, 1.0 / steps);
            if (t % steps != 0) return (zeros_like(g), [sum, .. state[1..]]);
            var (update, next) = then.Update(sum, p, t / steps, state[1..]);
            return (update, [zeros_like(g), .. next]);
        },
        Average = then.Average is { } average ? state => average(state[1..]) : null,
        LearningRate = then.LearningRate is { } rate ? rate with { At = t => rate.At((t + steps - 1) / steps), IsConstant = rate.IsConstant } : null,
        Text = $"Accumulate({steps}, {then.Text})",
        Frozen = then.Frozen,
        ByRows = then.ByRows is { } by ? rows => Accumulate(steps, by(rows)) : null,
    };

    /// <summary>
    /// Every so many steps of an optimizer, slow weights φ ← φ + α·(θ − φ), and the parameters θ go back to them.
    /// Source: Zhang et al. 2019, arXiv:1907.08610.
    /// </summary>
    /// <param name="fast">The optimizer.</param>
    /// <param name="steps">After how many of its steps.</param>
    /// <param name="alpha">α.</param>
    public static Transform Lookahead(Transform fast, int steps = 5, double alpha = 0.5) => fast with
    {
        States = 1 + fast.States,
        Init = p => [p.Flat.clone(), .. fast.Init(p)],
        Update = (g, p, t, state) =>
        {
            var (update, next) = fast.Update(g, p, t, state[1..]);
            if (t % steps != 0) return (update, [state[0], .. next]);
            var slow = state[0].Plus(p.Flat.Plus(update) - state[0], alpha);
            return (slow - p.Flat, [slow, .. next]);
        },
        Average = fast.Average is { } average ? state => average(state[1..]) : null,
        Text = Invariant($"Lookahead({fast.Text}, {steps}, {alpha})"),
        Frozen = fast.Frozen,
        ByRows = fast.ByRows is { } by ? rows => Lookahead(by(rows), steps, alpha) : null,
    };

    const string AtTheEnd = "put the average of the parameters at the end of the whole chain";

    // Where a part after it changes the update, p + g are not the next parameters, and an average of them is of weights that never were.
    static Transform Then(Transform first, Transform second) => first.Average is not null && second.Average is null
        ? throw new ArgumentException($"Chain: want the average of the parameters at the end, got {first.Text} >> {second.Text}; {AtTheEnd}.")
        : first.Constrains && second.LearningRate is not null
        ? throw new ArgumentException($"Chain: want a constraint behind the learning rate, got {first.Text} >> {second.Text}; put it at the end.")
        : new(
        first.States + second.States, p => [.. first.Init(p), .. second.Init(p)], (g, p, t, state) =>
        {
            var (u, next) = first.Update(g, p, t, state[..first.States]);
            var (update, nextToo) = second.Update(u, p, t, state[first.States..]);
            return (update, [.. next, .. nextToo]);
        })
        {
            LearningRate = second.LearningRate ?? first.LearningRate,
            Average = second.Average is { } average ? state => average(state[first.States..]) : null,
            Text = $"{first.Text} >> {second.Text}",
            Constrains = first.Constrains || second.Constrains,
            ByRows = first.ByRows is null && second.ByRows is null ? null : rows => Then(first.After(rows), second.After(rows)),
            Frozen = (first.Frozen, second.Frozen) is ({ } a, { } b) ? slot => a(slot) || b(slot) : first.Frozen ?? second.Frozen,
        };

    /// <summary>m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g².</summary>
    static (Tensor M, Tensor V) Moments(Tensor g, ImmutableArray<Tensor> state, double beta1, double beta2) =>
        (state[0].Times(beta1).AddScaled_(g, 1 - beta1), state[1].Times(beta2).AddProduct_(g, g, 1 - beta2));

    static Transform WithoutAverage(Transform transform) => transform.Average is null ? transform
        : throw new ArgumentException($"Only: want a transform without an average of the parameters, got {transform.Text}; {AtTheEnd}.");

    internal static string Shown(Func<Slot, bool> only) => only == Slot.IsWeight ? "Slot.IsWeight" : Named.Own;

    static ParameterVector Chosen(ParameterVector p, Func<Slot, bool> only, IReadOnlyList<(long Start, long Length)> stretches) =>
        new(At(p.Flat, stretches), [.. p.Slots.Where(only)]);

    static Tensor At(Tensor flat, IReadOnlyList<(long Start, long Length)> stretches) =>
        stretches.Count == 0 ? flat.narrow(0, 0, 0) : cat([.. stretches.Select(s => flat.narrow(0, s.Start, s.Length))]);
}
