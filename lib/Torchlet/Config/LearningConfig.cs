using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of whatever trains a network. The defaults are the course notebook's.</summary>
public abstract record LearningConfig : RunConfig
{
    /// <summary>Passes over the training set.</summary>
    [Display(Description = "passes over the training set"), Range(1, 1_000_000)]
    public int Epochs { get; init; } = 10;

    /// <summary>η.</summary>
    [Display(Name = "lr", Description = "learning rate"), Range(0, 1e9, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Examples a step; the last batch of an epoch holds the rest.</summary>
    [Display(Description = "examples a step"), Range(1, 1_000_000_000)]
    public int BatchSize { get; init; } = 512;

    /// <summary>Widths of the hidden layers.</summary>
    [Display(Description = "widths of the hidden layers"), Range(1, 1_000_000)]
    public ImmutableArray<int> Hidden { get; init; } = [50, 100];

    /// <summary>The name of an <see cref="Torchlet.Activation"/>.</summary>
    [Display(Description = "between layers"), ActivationName]
    public string Activation { get; init; } = "sigmoid";

    /// <summary>The name of one of <see cref="Optimizers"/>.</summary>
    [Display(Description = "how a gradient becomes a step"), OptimizerName]
    public string Optimizer { get; init; } = "adam";

    /// <summary>Seeds to train from, one after the other; none stands for Seed.</summary>
    [Display(Description = "seeds to train from, each anew, in place of --seed"), Distinct]
    public ImmutableArray<long> Seeds { get; init; } = [];

    /// <summary>The seeds to train from.</summary>
    internal ImmutableArray<long> EachSeed => Seeds.IsEmpty ? [Seed] : Seeds;

    /// <summary>The loss that is minimised.</summary>
    protected virtual string MinimisedLoss => "cross_entropy";

    /// <summary>What the options describe, as functions: the one place where names become parts. Change a part by <c>with</c>.</summary>
    /// <exception cref="ArgumentException">An option has a value that the command line would refuse.</exception>
    public Recipe Recipe(Dataset data)
    {
        OptionRule.Checked(this);
        var activation = Torchlet.Activation.Named(Activation)!.Function;
        return new(Mlp.Layer(Hidden, activation, data.Outputs),
            Objective.Classify(LossVariant.Named(MinimisedLoss).Loss), Optimizers.Named(Optimizer)(LearningRate))
        {
            Epochs = Epochs, BatchSize = BatchSize, Seed = Seed,
        };
    }
}
