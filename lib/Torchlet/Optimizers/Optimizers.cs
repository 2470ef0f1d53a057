namespace Torchlet;

/// <summary>Optimizers, chained from small parts.</summary>
public static class Optimizers
{
    /// <summary>The optimizers, by their names on the command line, each a function of the learning rate.</summary>
    public static IReadOnlyDictionary<string, Func<double, Optimizer>> ByName { get; } =
        new Dictionary<string, Func<double, Optimizer>> { ["adam"] = learningRate => Adam(learningRate), ["sgd"] = Sgd };

    /// <summary>Stochastic gradient descent: −η·g.</summary>
    public static Optimizer Sgd(double learningRate) => Scale(-learningRate);

    /// <summary>Adam: −η·m̂ / (√v̂ + ε). Source: Kingma and Ba 2015, arXiv:1412.6980; PyTorch: optim.Adam.</summary>
    public static Optimizer Adam(double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        Chain(ScaleByAdam(beta1, beta2, epsilon), Scale(-learningRate));

    /// <summary>k·g.</summary>
    public static Optimizer Scale(double k) => new(0, (g, _, moments) => (g.Times(k), moments));

    /// <summary>
    /// m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²;  update m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
    /// </summary>
    public static Optimizer ScaleByAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) => new(2, (g, t, moments) =>
    {
        var m = moments[0].Times(beta1).AddScaled_(g, 1 - beta1);
        var v = moments[1].Times(beta2).AddProduct_(g, g, 1 - beta2);
        // m̂ / (√v̂ + ε) = m / (c·√v + c₁·ε) with c₁ = 1 − β₁ᵗ and c = c₁ / √(1 − β₂ᵗ): one pass over the vector less.
        var c1 = 1 - Math.Pow(beta1, t);
        var denominator = v.sqrt().Times_(c1 / Math.Sqrt(1 - Math.Pow(beta2, t))).Plus_(c1 * epsilon);
        return (m.div(denominator), [m, v]);
    });

    /// <summary>One optimizer after another: the second transforms the first one's update.</summary>
    public static Optimizer Chain(Optimizer first, Optimizer second) => new(first.Moments + second.Moments, (g, t, moments) =>
    {
        var (u, ofFirst) = first.Transform(g, t, moments[..first.Moments]);
        var (update, ofSecond) = second.Transform(u, t, moments[first.Moments..]);
        return (update, [.. ofFirst, .. ofSecond]);
    });
}
