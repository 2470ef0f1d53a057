using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of one training run.</summary>
[Description("Trains a network and logs, plots and prints every epoch."), Example("--epochs 3 --hidden 128,64 --activation relu")]
public record TrainConfig : LearningConfig, IResumable
{
    /// <summary>Content of a table's column of labels: classes, or numbers.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "what a table's label column holds: classes to tell apart, or numbers to predict"),
        AllowedValues(Classes, Numbers)]
    [Shown(74, "target ", Usual = Classes)]
    public string Target { get; init; } = Classes;

    /// <summary>
    /// The name of a <see cref="LossVariant"/> that is right, or for numbers mse, mae or huber; of numbers it is counted in standard deviations of the target.
    /// </summary>
    [Display(GroupName = OptionGroup.Training, Description = "training loss; for numbers mse, mae or huber (default: mse)"), OneOf<TrainingLossNames>]
    [Shown(11, Part = "objective")]
    public string Loss { get => field ?? (Target == Numbers ? RegressionLosses[0].Name : "cross_entropy"); init; }

    /// <summary>Values of <see cref="Target"/>.</summary>
    internal const string Classes = "classes", Numbers = "numbers";

    /// <summary>The losses of numbers, by name.</summary>
    internal static ImmutableArray<(string Name, Loss Loss)> RegressionLosses { get; } =
        [("mse", Losses.SquaredError), ("mae", Losses.AbsoluteError), ("huber", Losses.Huber())];

    /// <summary>The losses of labels, by name.</summary>
    internal static ImmutableArray<(string Name, Loss Loss)> ClassificationLosses { get; } =
        [("cross_entropy", Losses.CrossEntropy), ("nll", Losses.NllOfLogSoftmax), ("hinge", Losses.Hinge())];

    /// <inheritdoc/>
    internal override DataPlaces Places => base.Places with { AreNumbers = Target == Numbers };

    /// <inheritdoc/>
    internal override string? Conflict => base.Conflict
        ?? (Swa is not null && Ema is not null ? "--swa and --ema: a run keeps one average of the weights; leave one out." : null)
        ?? (Swa > Epochs ? $"--swa {Swa} has no effect with --epochs {Epochs}; name an earlier epoch." : null)
        ?? (StartOnly is not null && Start is null ? $"--start-only {StartOnly} has no effect without --start; name the file or the run." : null)
        ?? (RegressionLosses.Any(known => known.Name == Loss) == (Target == Numbers) ? null
            : $"--loss {Loss} goes with --target {(Target == Numbers ? Classes : Numbers)} only, and --target is {Target}.")
        ?? (Judge == JudgedBy.Loss.Figure || (Target == Numbers ? Metric.OfNumbers : Metric.OfClasses).Any(known => known.Name == Judge) ? null
            : $"--judge {Judge} goes with --target {(Target == Numbers ? Classes : Numbers)} only, and --target is {Target}.");

    /// <summary>ε of <see cref="Losses.Smoothed"/>, which is minimised; the test set is judged by the cross-entropy itself. Null for none.</summary>
    [Display(GroupName = OptionGroup.Training, Description = "label smoothing ε; the test loss is not smoothed (default: none)"),
        Range(0.0, 1, MinimumIsExclusive = true, MaximumIsExclusive = true), OnlyWith(nameof(Loss), "cross_entropy")]
    [Shown(12, "smoothed ", Part = "objective")]
    public double? LabelSmoothing { get; init; }

    /// <summary>δ of <see cref="Transforms.AverageParameters"/>; null for no average.</summary>
    [Display(GroupName = OptionGroup.Optimizer, Description = "decay of an exponential moving average of the weights, which starts at the first weights, "
        + "is evaluated too, chooses the best epoch, and is saved and exported (default: none)"), Range(0.0, 1, MaximumIsExclusive = true)]
    [Shown(28, "average ", Part = "optimizer")]
    public double? Ema { get; init; }

    /// <summary>The epoch from which on <see cref="Transforms.MeanOfParameters"/> counts the weights after each epoch; null for no mean.</summary>
    [Display(GroupName = OptionGroup.Optimizer, Description = "first epoch whose weights count in an arithmetic mean of the weights after each epoch (SWA), "
        + "which is used as that of --ema (default: none)"), Range(1, 1_000_000)]
    [Shown(29, "mean from epoch ", Part = "optimizer")]
    public int? Swa { get; init; }

    /// <summary>A weights file or a run whose weights the training starts from; null for drawn ones.</summary>
    [NotEmpty, ReadPlace, Display(GroupName = OptionGroup.Model, Prompt = "file|run",
        Description = "start from the weights of a file, of a run or of latest, by name (default: drawn weights)")]
    [Shown(44, "from ", Part = "start")]
    public string? Start { get; init; }

    /// <summary>The beginning of the names of the weights that <see cref="Start"/> gives; null for all.</summary>
    [NotEmpty, Display(GroupName = OptionGroup.Model, Prompt = "prefix",
        Description = "take only the start weights whose names begin so, such as fc1 (default: all)")]
    [Shown(45, "only ", Part = "start")]
    public string? StartOnly { get; init; }

    /// <summary>Training examples to hold out for validation, the same ones whatever the seed: a number, or below 1 a share of them. Null for none.</summary>
    [Display(GroupName = OptionGroup.Data,
        Description = "hold out this number or share of the training examples, and choose the best weights by them (default: none)"),
        CountOrShare]
    [Shown(72, "validation ")]
    public double? Validation { get; init; }

    /// <summary>The figure that chooses the best epoch and that <see cref="Patience"/> waits for: loss, or a name of <see cref="Metric.All"/>.</summary>
    [Display(GroupName = OptionGroup.Training, Description = "figure that chooses the best epoch, and that --patience waits for"), OneOf<JudgeNames>]
    [Shown(52, "judged by ", Part = JudgedBy.Part, Usual = "loss")]
    public string Judge { get; init; } = JudgedBy.Loss.Figure;

    /// <summary>How many epochs in a row may be no better than the best before them; null for any number.</summary>
    [Display(GroupName = OptionGroup.Training,
        Description = "stop after N epochs in a row without a better validation loss (or --judge), or test loss without validation"),
        Range(1, 1_000_000)]
    public int? Patience { get; init; }

    /// <summary>Whether to write the run's figures as events for TensorBoard.</summary>
    [Display(GroupName = OptionGroup.Output, Description = "also write events for TensorBoard into the run's folder")]
    public bool Tensorboard { get; init; }

    /// <summary>File to write the best weights to as a PyTorch state dict; null for none.</summary>
    [NotReplayed, WrittenFile, NotEmpty, Display(GroupName = OptionGroup.Output, Prompt = "file",
        Description = "also write the best weights as a PyTorch state dict")]
    public string? SavePt { get; init; }

    /// <summary>File to write the best weights to as an ONNX model; null for none.</summary>
    [NotReplayed, WrittenFile, NotEmpty, Display(GroupName = OptionGroup.Output, Prompt = "file", Description = "also write the best weights as an ONNX model "
        + "(opset 17) that returns probabilities")]
    public string? SaveOnnx { get; init; }

    /// <summary>The folder of a run to continue after its last finished epoch; null for a new run.</summary>
    [NotReplayed, NotEmpty, Display(GroupName = OptionGroup.Run, Prompt = "run", Description = IResumable.Help)]
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
        // The network predicts in the target's unit, whatever the unit of the loss.
        var scale = Target == Numbers ? TargetScale.Of(data.Train.Targets) : null;
        return recipe with
        {
            Model = scale is null ? recipe.Model : (recipe.Model >> scale.Layer).Titled(Model),
            Objective = (scale is not null ? Objective.Regress(scale.Of(RegressionLosses.First(known => known.Name == Loss).Loss))
                : LabelSmoothing is { } share ? Objective.Classify(Losses.Smoothed(share), evaluation: Losses.CrossEntropy)
                : Objective.Classify(ClassificationLosses.First(known => known.Name == Loss).Loss)).JudgedAlsoBy(Judge),
            Optimizer = Ema is { } decay ? Transforms.Chain(recipe.Optimizer, Transforms.AverageParameters(decay))
                : Swa is { } first && recipe.Steps(data) / Epochs is var every
                ? Transforms.Chain(recipe.Optimizer, Transforms.MeanOfParameters(every, (first - 1) * every))
                : recipe.Optimizer,
            Start = Start is { } place ? Torchlet.Start.From(place, StartOnly) : null,
        };
    }
}
