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
    [Display(Description = "examples a step"), Range(1, 60_000)]
    public int BatchSize { get; init; } = 512;

    /// <summary>Widths of the hidden layers.</summary>
    [Display(Description = "widths of the hidden layers"), Range(1, 1_000_000)]
    public ImmutableArray<int> Hidden { get; init; } = [50, 100];

    /// <summary>A name in <see cref="Activations.ByName"/>.</summary>
    [Display(Description = "between layers"), AllowedValues("sigmoid", "relu")]
    public string Activation { get; init; } = "sigmoid";

    /// <summary>A name in <see cref="Optimizers.ByName"/>.</summary>
    [Display(Description = "how a gradient becomes a step"), AllowedValues("adam", "sgd")]
    public string Optimizer { get; init; } = "adam";
}
