using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of one training run.</summary>
[Description("Trains a network and logs, plots and prints every epoch."), Example("--epochs 3 --hidden 128,64 --activation relu")]
public record TrainConfig : LearningConfig, IResumable
{
    /// <summary>The name of a <see cref="LossVariant"/> that is right.</summary>
    [Display(Description = "what is minimised"), AllowedValues("cross_entropy", "nll")]
    [Shown(11, Part = "objective")]
    public string Loss { get; init; } = "cross_entropy";

    /// <summary>ε of <see cref="Losses.Smoothed"/>, which is minimised; the test set is judged by the cross-entropy itself. Null for none.</summary>
    [Display(Description = "share of the labels spread over all classes; the test loss stays as it is (default: none)"),
        Range(0.0, 1, MinimumIsExclusive = true, MaximumIsExclusive = true), OnlyWith(nameof(Loss), "cross_entropy")]
    [Shown(12, "smoothed ", Part = "objective")]
    public double? LabelSmoothing { get; init; }

    /// <summary>δ of <see cref="Transforms.AverageParameters"/>; null for no average.</summary>
    [Display(Description = "decay of an average of the weights, from the first weights on, judged beside them (default: none)"),
        Range(0.0, 1, MaximumIsExclusive = true)]
    [Shown(28, "average ", Part = "optimizer")]
    public double? Ema { get; init; }

    /// <summary>Training examples to hold out for validation, the same ones whatever the seed: a number, or below 1 a share of them. Null for none.</summary>
    [Display(Description = "hold out so many training examples, or below 1 such a share, and choose the best weights by them (default: none)"), CountOrShare]
    [Shown(72, "validation ")]
    public double? Validation { get; init; }

    /// <summary>How many epochs in a row may be no better than the best before them; null for any number.</summary>
    [Display(Description = "end after so many epochs in a row that are no better, by the validation loss or else the test loss"), Range(1, 1_000_000)]
    public int? Patience { get; init; }

    /// <summary>Whether to write the run's figures as events for TensorBoard.</summary>
    [Display(Description = "also write the run's figures for TensorBoard, into its folder")]
    public bool Tensorboard { get; init; }

    /// <summary>File to write the best weights to as a PyTorch state dict; null for none.</summary>
    [NotReplayed, WrittenFile, NotEmpty, Display(Prompt = "file", Description = "also write the best weights there as a PyTorch state dict")]
    public string? SavePt { get; init; }

    /// <summary>File to write the best weights to as an ONNX model; null for none.</summary>
    [NotReplayed, WrittenFile, NotEmpty, Display(Prompt = "file", Description = "also write the best weights there as an ONNX model (opset 17), which gives "
        + "probabilities")]
    public string? SaveOnnx { get; init; }

    /// <summary>The folder of a run to continue after its last finished epoch; null for a new run.</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "run", Description = IResumable.Help)]
    public string? Resume { get; init; }

    /// <inheritdoc/>
    /// <exception cref="TorchletException">The data have not as many as are asked for.</exception>
    public override Dataset Examples(Dataset data)
    {
        var examples = base.Examples(data);
        if (Validation is not { } wanted) return examples;
        var count = wanted < 1 ? Math.Round(wanted * examples.Train.Count) : wanted;
        if (count < 1 || count >= examples.Train.Count)
            throw new TorchletException(
                $"--validation {OptionRule.Show(wanted)}: that is {count} of {examples.Train.Count} training examples; "
                + "hold out one or more, and leave one or more.");
        var held = examples.Hold((int)count);
        examples.FreeBut(data);
        return held;
    }

    /// <inheritdoc/>
    internal override string? Unused(Dataset data) => base.Unused(data) ?? (Validation is { } wanted && data.Validation is null
        ? NoEffect(nameof(Validation), wanted, $"{data.Name} has no validation examples; load the data with Datasets.Load(config)") : null);

    /// <inheritdoc/>
    internal override string? UnusedOutsideRun() => base.UnusedOutsideRun() ?? (Patience is { } epochs
        ? NoEffect(nameof(Patience), epochs, $"a recipe does not stop early; leave it out and add the stage EarlyStop.After({epochs}), or use run.Train()")
        : null);

    /// <inheritdoc/>
    protected internal override Recipe Described(Dataset data)
    {
        var recipe = base.Described(data);
        return recipe with
        {
            Objective = LabelSmoothing is { } share
                ? Objective.Classify(Losses.Smoothed(share), evaluation: Losses.CrossEntropy)
                : Objective.Classify(LossVariant.Named(Loss).Loss),
            Optimizer = Ema is { } decay ? Transforms.Chain(recipe.Optimizer, Transforms.AverageParameters(decay)) : recipe.Optimizer,
        };
    }
}
