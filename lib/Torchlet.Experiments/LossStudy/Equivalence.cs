using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Whether cross_entropy of logits and nll of log_softmax are one function: if so, only rounding parts them, and double precision
/// shrinks it.
/// </summary>
public static class Equivalence
{
    /// <summary>
    /// Goes through each seed's training with cross_entropy and measures, before each step, how far nll is from it at the same
    /// network: two rows a step, float32 and float64. Lazily, until <paramref name="stop"/> is cancelled.
    /// </summary>
    public static IEnumerable<LossDifference> Differences(CompareConfig config, Dataset data, CancellationToken stop = default) =>
        config.EachSeed.SelectMany(seed => OfSeed(config, data, seed, stop));

    /// <summary>The largest absolute difference of two losses on one batch, and of the gradients of their means.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batch">The examples, as the network takes them.</param>
    /// <param name="a">One loss.</param>
    /// <param name="b">The other.</param>
    public static (double Loss, double Gradient) Difference(Model model, Batch batch, Loss a, Loss b)
    {
        using var scope = NewDisposeScope();
        var (logits, gradient) = Backpropagation.Linearized(model, batch);
        return (Largest(a(logits, batch.Targets) - b(logits, batch.Targets)), Largest(gradient(a) - gradient(b)) / batch.Count);
    }

    static IEnumerable<LossDifference> OfSeed(CompareConfig config, Dataset data, long seed, CancellationToken stop)
    {
        var recipe = config.Described(data) with { Seed = seed };
        return Training.Steps(recipe, data, (state, batch, _) =>
        {
            // float64 on the CPU: some devices lack it.
            var here = state.Model.To(CPU);
            return new[]
            {
                Of("float32", state.Model, batch),
                Of("float64",
                    here with { Flat = Double(here.Flat), State = [.. here.State.Select(Double)] }, new(Double(batch.Inputs.OnHost()), batch.Targets.OnHost())),
            };
        }, stop: stop).Index().SelectMany(step => step.Item.Select(row => new LossDifference(seed, step.Index + 1, row.Precision, row.Loss, row.Gradient)));

        static (string Precision, double Loss, double Gradient) Of(string precision, Model model, Batch batch)
        {
            var (loss, gradient) = Difference(model, batch, Losses.CrossEntropy, Losses.NllOfLogSoftmax);
            return (precision, loss, gradient);
        }
    }

    static Tensor Double(Tensor x) => x.to_type(ScalarType.Float64);

    static double Largest(Tensor difference) => difference.abs().max().Number();
}

/// <summary>How far two losses are apart on one batch, at the same network.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step of the training, from 1.</param>
/// <param name="Precision">What both were computed in: float32 or float64.</param>
/// <param name="Loss">Largest absolute difference between the losses of one example, in nats.</param>
/// <param name="Gradient">Largest absolute difference between the gradients of the two mean losses, over all parameters.</param>
public sealed record LossDifference(long Seed, int Step, string Precision, double Loss, double Gradient);
