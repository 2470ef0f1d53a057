using System.Collections.Immutable;

namespace Torchlet;

/// <summary>A way from a network's logits to a loss: an output activation, and the loss function that takes what comes out of it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Loss">The whole way, from logits.</param>
/// <param name="Output">The output activation.</param>
/// <param name="Gives">What comes out of it.</param>
/// <param name="Criterion">The loss function, by PyTorch's name.</param>
/// <param name="Wants">What that one eats.</param>
public sealed record LossVariant(string Name, Loss Loss, string Output, OutputKind Gives, string Criterion, OutputKind Wants)
{
    /// <summary>Every variant: four ways to the same number, three mistakes, and one other loss.</summary>
    public static ImmutableArray<LossVariant> All { get; } =
    [
        new("cross_entropy", Losses.CrossEntropy, "none", OutputKind.Logits, "cross_entropy", OutputKind.Logits),
        new("nll", Losses.NllOfLogSoftmax, "log_softmax", OutputKind.LogProbabilities, "nll_loss", OutputKind.LogProbabilities),
        new("log_of_softmax", Losses.NllOfLogOfSoftmax, "log(softmax)", OutputKind.LogProbabilities, "nll_loss", OutputKind.LogProbabilities),
        new("naive", Losses.NllOfLogOfNaiveSoftmax, "log(naive softmax)", OutputKind.LogProbabilities, "nll_loss", OutputKind.LogProbabilities),
        new("double_softmax", Losses.CrossEntropyOfSoftmax, "softmax", OutputKind.Probabilities, "cross_entropy", OutputKind.Logits),
        new("nll_on_logits", Losses.NllOfLogits, "none", OutputKind.Logits, "nll_loss", OutputKind.LogProbabilities),
        new("nll_on_probs", Losses.NllOfSoftmax, "softmax", OutputKind.Probabilities, "nll_loss", OutputKind.LogProbabilities),
        new("mse", Losses.MeanSquaredErrorOfSoftmax, "softmax", OutputKind.Probabilities, "mse_loss", OutputKind.Probabilities),
    ];

    /// <summary>Whether the loss function gets what it wants.</summary>
    public bool Fits => Gives == Wants;

    /// <summary>The variant of this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static LossVariant Named(string name) =>
        All.FirstOrDefault(v => v.Name == name)
            ?? throw new ArgumentException($"loss: want {string.Join(", ", All.Select(v => v.Name))}, got {name}.", nameof(name));
}

/// <summary>Meaning of the numbers in a row of a network's output.</summary>
public enum OutputKind
{
    /// <summary>Any real numbers: scores before softmax.</summary>
    Logits,

    /// <summary>Logarithms of probabilities: each ≤ 0, and exp of them sums to 1.</summary>
    LogProbabilities,

    /// <summary>Each in [0, 1], with sum 1.</summary>
    Probabilities,
}
