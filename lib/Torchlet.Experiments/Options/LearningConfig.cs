using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using TorchSharp;

namespace Torchlet;

/// <summary>Options of a script that trains the network which its options describe. The defaults are those of the course notebook.</summary>
public abstract record LearningConfig : TrainingConfig
{
    /// <summary>η.</summary>
    [Display(Name = "lr", GroupName = OptionGroup.Optimizer,
        Description = "learning rate; textbooks assume --reduction mean"), Range(0, 1e9, MinimumIsExclusive = true)]
    [Shown(24, "lr ", Part = "optimizer")]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Examples a step; the last batch of an epoch holds the rest.</summary>
    [Display(GroupName = OptionGroup.Training, Description = "examples per step"), Range(1, 1_000_000_000)]
    [Shown(31, "batch ", Part = "batch_size")]
    public int BatchSize { get; init; } = 512;

    /// <summary>The name of a <see cref="NamedModel"/>.</summary>
    [Display(GroupName = OptionGroup.Model, Description = "network architecture"), OneOf<ModelNames>]
    [Shown(2, Part = "model", Usual = "mlp", In = ShownIn.Subject)]
    public string Model { get; init; } = "mlp";

    /// <summary>Widths of the hidden layers.</summary>
    [Display(GroupName = OptionGroup.Model, Description = "widths of the hidden layers"), Range(1, 1_000_000), OnlyWith(nameof(Model), "mlp")]
    [Shown(3, "hidden ", Part = "model", In = ShownIn.Subject)]
    public ImmutableArray<int> Hidden { get; init; } = [50, 100];

    /// <summary>The name of an <see cref="Torchlet.Activation"/>; the model's own unless told, null where it has none.</summary>
    [Display(GroupName = OptionGroup.Model, Description = "activation function between layers (default in conv nets: relu, in transformers: gelu)"),
        OneOf<ActivationNames>, OnlyWith(nameof(Model), "mlp", "lenet", "convnet", "resnet", "vit", "gpt")]
    [Shown(41, Part = "model")]
    public string? Activation { get => field ?? NamedModel.Named(Model)?.Activation; init; }

    /// <summary>The probability of a hidden number to be dropped; null for the model's own.</summary>
    [Display(GroupName = OptionGroup.Model, Description = "dropout probability of the hidden layers (default: 0.25 for convnet, else 0)"),
        Range(0.0, 1, MaximumIsExclusive = true), OnlyWith(nameof(Model), "mlp", "lenet", "convnet", "lstm", "gru", "vit", "gpt")]
    [Shown(42, "dropout ", Part = "model")]
    public double? Dropout { get; init; }

    /// <summary>The name of an <see cref="Initializer"/>.</summary>
    [Display(GroupName = OptionGroup.Model, Description = "weight initialisation, drawn once, not after PyTorch's default draw; normal takes any deviation"),
        OneOf<InitializerNames>]
    [Shown(43, "init ", Part = "model", Usual = "default")]
    public string Init { get; init; } = "default";

    /// <summary>The name of one of <see cref="Optimizers"/>.</summary>
    [Display(GroupName = OptionGroup.Optimizer, Description = "optimizer"), OneOf<OptimizerNames>]
    [Shown(21, Part = "optimizer")]
    public string Optimizer { get; init; } = "adam";

    /// <summary>μ; null for the optimizer's own.</summary>
    [Display(GroupName = OptionGroup.Optimizer, Description = "momentum coefficient (default: 0.9 for momentum and nesterov, else 0)"),
        Range(0.0, 1, MaximumIsExclusive = true), OnlyWith(nameof(Optimizer), "sgd", "momentum", "nesterov")]
    [Shown(22, "momentum ", Part = "optimizer")]
    public double? Momentum { get; init; }

    /// <summary>λ; null for the optimizer's own.</summary>
    [Display(GroupName = OptionGroup.Optimizer,
        Description = "weight decay: decoupled in adamw and lion, else an L2 penalty (default: 0.01 for adamw, else 0)"), Range(0.0, 1e9)]
    [Shown(23, "decay ", Part = "optimizer")]
    public double? WeightDecay { get; init; }

    /// <summary>The name of one of <see cref="Schedules"/>.</summary>
    [Display(GroupName = OptionGroup.Optimizer, Description = "learning rate schedule over all steps of all --epochs; step: divided by ten after each third; "
        + "one-cycle: changes the rate only, not the momentum; "
        + "plateau:N: divided by ten after more than N epochs without a better loss (or --judge)"), OneOf<ScheduleNames>]
    [Shown(25, Part = "optimizer", Usual = "constant")]
    public string Schedule { get; init; } = "constant";

    /// <summary>Steps over which the learning rate rises from 0, before the schedule; null for none.</summary>
    [Display(GroupName = OptionGroup.Optimizer,
        Description = "warm-up steps, in which the learning rate rises from 0 (default: none)"), Range(1, 1_000_000_000),
        OnlyWith(nameof(Schedule), "constant", "cosine", "step", "exponential")]
    [Shown(26, "warm-up ", Part = "optimizer")]
    public int? Warmup { get; init; }

    /// <summary>Limit of the gradient's norm over all parameters together; null for no limit.</summary>
    [Display(GroupName = OptionGroup.Optimizer,
        Description = "largest norm of the gradient; larger ones are scaled down (default: none)"), Range(0, 1e9, MinimumIsExclusive = true)]
    [Shown(27, "clip ", Part = "optimizer")]
    public double? Clip { get; init; }

    /// <summary>How the losses of a batch are combined: sum or mean.</summary>
    [Display(GroupName = OptionGroup.Training, Description = "how to combine the losses of a batch"), AllowedValues("sum", "mean")]
    [Shown(51, "reduction ", Part = "reduction", Usual = "sum")]
    public string Reduction { get; init; } = "sum";

    /// <summary>Augmentations of the training pictures, in this order: names of <see cref="Augmentation"/>s.</summary>
    [Display(GroupName = OptionGroup.Data,
        Description = "random changes of each training picture, in this order, by pixels, degrees, a share"), OneOf<AugmentationNames>]
    [Shown(61, "augmented: ", Part = "augment")]
    public ImmutableArray<string> Augment { get; init; } = [];

    /// <summary>The name of one of <see cref="Orders"/>.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "order of the training examples in an epoch; balanced: every class equally often; "
        + "bootstrap: drawn with replacement"), OneOf<OrderNames>]
    [Shown(62, "order: ", Part = "order", Usual = "shuffle")]
    public string Order { get; init; } = "shuffle";

    /// <summary>
    /// The recipe that the options describe, for a training in code; a script uses <see cref="Run{T}.Recipe"/>. Change a part by <c>with</c>.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// An option has a value that the command line would refuse, or one that has no effect: the data were loaded without it, or only a run applies it.
    /// </exception>
    /// <exception cref="TorchletException">The data are not what the model or the augmentation takes.</exception>
    public Recipe Recipe(Dataset data) =>
        (Unused(data) ?? UnusedOutsideRun()) is { } unused ? throw new ArgumentException(unused) : Described(data);

    /// <summary>The recipe that the options of a run describe: the one place where names become parts.</summary>
    /// <exception cref="ArgumentException">An option has a value that the command line would refuse.</exception>
    /// <exception cref="TorchletException">The data are not what the model or the augmentation takes.</exception>
    protected internal virtual Recipe Described(Dataset data)
    {
        OptionRule.Checked(this);
        if (!Augment.IsEmpty && data.Train.InputShape.Length != 3)
            throw new TorchletException(
                $"--augment {OptionRule.Show(Augment)}: it changes pictures, and the inputs of {data.Name} are {Shapes.Show(data.Train.InputShape)}.");
        var order = Orders.Named(Order)!;
        return new(Fitting(data), Objective.Classify(), OptimizerOf(Steps()))
        {
            Order = order, Epochs = Epochs, BatchSize = BatchSize, Seed = Seed,
            Reduction = Reduction == "sum" ? Torchlet.Reduction.Sum : Torchlet.Reduction.Mean,
            Augment = Augment.IsEmpty ? null : Augmentation.Chain([.. Augment.Select(name => Augmentation.Named(name)!)]),
        };

        long Steps()
        {
            try
            {
                return order.Steps(data.Train, Epochs, BatchSize);
            }
            catch (ArgumentException e)
            {
                throw new TorchletException($"--order {Order}: {e.Message}", e);
            }
        }
    }

    /// <summary>The error message for data that were loaded without one of the options; null if they agree.</summary>
    internal virtual string? Unused(Dataset data)
    {
        const string load = "load the data with Datasets.Load(config)";
        var (count, device) = (data.Train.Count + (data.Validation?.Count ?? 0), data.Train.Inputs.device);
        return Limit is { } limit && count > limit ? NoEffect(nameof(Limit), limit, $"{data.Name} has {count:n0} training examples; {load}")
            : Device != "auto" && Devices.Pick(Device) is var wanted && (wanted.type, Math.Max(0, wanted.index)) != (device.type, Math.Max(0, device.index))
                ? NoEffect(nameof(Device), Device, $"{data.Name} is on {device}; call data.To(Devices.Pick(config.Device))")
            : null;
    }

    /// <summary>The error message for options that only a run applies, in a training outside one; null if there are none.</summary>
    internal virtual string? UnusedOutsideRun() =>
        !Seeds.IsEmpty ? NoEffect(nameof(Seeds), OptionRule.Show(Seeds), "a recipe has one Seed; set that, or call run.Train() in a script")
        : Threads is { } threads && threads != torch.get_num_threads()
            ? NoEffect(nameof(Threads), threads, $"libtorch uses {torch.get_num_threads()}; call torch.set_num_threads({threads})")
        : null;

    /// <summary>The message for a setting without effect.</summary>
    private protected static string NoEffect(string property, object? value, string because) =>
        FormattableString.Invariant($"{property} (--{OptionRule.Kebab(property)}) is {value} and has no effect: {because}.");

    /// <summary>The model, if it takes the data.</summary>
    Layer Fitting(Dataset data)
    {
        try
        {
            var model = Built(NamedModel.Named(Model)!, data);
            _ = model.Fit([.. data.Train.InputShape]);
            return model.Titled(Model);
        }
        catch (ArgumentException e)
        {
            throw new TorchletException(
                $"--model {Model}: the inputs of {data.Name} are {Shapes.Show(data.Train.InputShape)}, and it does not take them ({e.Message}); "
                + $"{Others(data)}.", e);
        }
    }

    Layer Built(NamedModel named, Dataset data) => named.Layers(new(data.Outputs, Torchlet.Activation.Named(Activation ?? "identity")!.Layer)
    {
        Input = [.. data.Train.InputShape], AreIds = data.Train.Inputs.is_integral() && data.Train.Inputs.dtype != torch.ScalarType.Byte,
        Hidden = Hidden, Dropout = Dropout, Init = Initializer.Named(Init),
    });

    /// <summary>Fails for the named model where the targets are sequences of labels, and it gives no score at each position.</summary>
    /// <exception cref="TorchletException">It does not; the message names models that do.</exception>
    internal void CheckPositions(Recipe recipe, Dataset data)
    {
        if (!AreSequences(data) || Scores(recipe.Model, data)) return;
        var output = recipe.Net(data with { Classes = [] }).Output;
        throw new TorchletException($"--model {Model}: {data.Name} wants a score for each of {data.Classes.Length:n0} classes at each of "
            + $"{Shapes.Count(data.Train.Targets.shape.AsSpan(1)):n0} positions, and it gives {Shapes.Show(output.AsSpan())}; "
            + $"{Others(data)}.");
    }

    static bool AreSequences(Dataset data) => data.Train.Targets.ndim > 1 && !data.Classes.IsEmpty;

    static bool Scores(Layer model, Dataset data) =>
        model.Fit([.. data.Train.InputShape]).Output.SequenceEqual([.. data.Train.Targets.shape[1..], data.Classes.Length]);

    /// <summary>The named models that take the data, in words.</summary>
    string Others(Dataset data)
    {
        if (!AreSequences(data)) return "mlp takes any";
        var names = NamedModel.All.Where(Fits).Select(named => named.Name).ToList();
        return names.Count > 0 ? $"--model {string.Join(" or ", names)} does"
            : "train a layer of your own that does, by run.Train(run.Recipe with { Model = … })";

        bool Fits(NamedModel named)
        {
            try
            {
                return Scores(Built(named, data), data);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }

    Transform OptimizerOf(long steps)
    {
        var (schedule, warmup) = (Schedules.Named(Schedule), Warmup ?? 0);
        var rate = warmup == 0 ? schedule(LearningRate, steps) : Schedules.Warmup(warmup, schedule(LearningRate, Math.Max(1, steps - warmup)));
        var optimizer = Optimizers.Named(Optimizer, WeightDecay, Momentum)(rate);
        return Clip is { } norm ? Transforms.Chain(Transforms.ClipByGlobalNorm(norm), optimizer) : optimizer;
    }
}
