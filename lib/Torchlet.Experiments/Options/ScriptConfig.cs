using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of every script. A property is an option of the same name in kebab-case, unless Display gives another name.</summary>
public abstract record ScriptConfig
{
    /// <summary>Folder to write exactly there; null for outputs/(script)/(time).</summary>
    [NotReplayed, NotEmpty, Display(GroupName = OptionGroup.Output, Prompt = "folder", Description = "folder of the run (default: outputs/<script>/<time>)")]
    public string? Out { get; init; }

    /// <summary>Plain lines in place of a live display.</summary>
    [NotReplayed, Display(GroupName = OptionGroup.Output, Description = "plain lines, no live display")]
    public bool Plain { get; init; }

    /// <summary>The error message for options that exclude one another in a way that no attribute says; null if they agree.</summary>
    internal virtual string? Conflict => null;

    /// <summary>TrainConfig --epochs 3 --lr 0.001: the options that are not as usual.</summary>
    public sealed override string ToString() => $"{GetType().Name} {CommandLine.Differing(this)}".TrimEnd();
}

/// <summary>Options of a script that computes on data.</summary>
public abstract record RunConfig : ScriptConfig
{
    /// <summary>Which data set.</summary>
    [NotEmpty, ReadPlace, Display(GroupName = OptionGroup.Data, Prompt = "set|place", Description = "auto, mnist, fashion-mnist, synthetic, a folder with "
        + "the four IDX files or with a folder of pictures per class, a Keras .npz, a .csv or a text file (.txt, .md)")]
    [Shown(1, "data ", In = ShownIn.Subject)]
    public string Data { get; init; } = "auto";

    /// <summary>Pixels a side of the pictures in a folder, which may be of any size; null for 28.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "resize the pictures in folders to this many pixels a side (default: 28)"), Range(1, 4096)]
    [Shown(71, "side ")]
    public int? Side { get; init; }

    /// <summary>Where the tensors live.</summary>
    [Display(GroupName = OptionGroup.Run, Prompt = "device", Description = "auto, cpu, cuda, cuda:1 or mps")]
    public string Device { get; init; } = "auto";

    /// <summary>Threads that libtorch uses within an operation; null leaves its own choice.</summary>
    [Display(GroupName = OptionGroup.Run, Description = "threads within an operation (default: libtorch's choice)"), Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>The argument of <c>torch.manual_seed</c>.</summary>
    [Display(GroupName = OptionGroup.Run, Description = "seed of every random draw")]
    [Shown(82, "seed ", Part = "seed")]
    public long Seed { get; init; }

    /// <summary>An earlier run of the script, whose options stand in for those that are not given; null for none.</summary>
    [NotReplayed, NotEmpty, ReadPlace, Display(GroupName = OptionGroup.Run, Prompt = "run",
        Description = "repeat an earlier run: its folder or config.json; options given here override its own")]
    public string? Config { get; init; }

    /// <summary>Whether the script works on the data that the options name.</summary>
    internal virtual bool HasData => true;

    /// <summary>Where the data are looked for, and how they are read.</summary>
    internal virtual DataPlaces Places => new() { Side = Side };

    /// <summary>The data that the options name.</summary>
    internal virtual Dataset Load(CancellationToken stop) => Datasets.Load(this, stop);

    /// <summary>The examples that the options choose out of a data set.</summary>
    public virtual Dataset Examples(Dataset data) => data;
}

/// <summary>Options of a script that trains: for how long, and from which seeds.</summary>
public abstract record TrainingConfig : RunConfig
{
    /// <summary>Passes over the training set.</summary>
    [Display(GroupName = OptionGroup.Training, Description = "passes over the training set"), Range(1, 1_000_000)]
    [Shown(4, "epochs ", In = ShownIn.Axis)]
    public int Epochs { get; init; } = 10;

    /// <summary>Seeds of the trainings, one after the other; an empty list means <see cref="RunConfig.Seed"/>.</summary>
    [Display(GroupName = OptionGroup.Run, Description = "train once for each of these seeds, instead of --seed"), Distinct]
    [Shown(81, "seeds ")]
    public ImmutableArray<long> Seeds { get; init; } = [];

    /// <summary>How many of the training examples to take, from the first; null for all.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "use only the first N training examples (default: all)"), Range(1, 1_000_000_000)]
    [Shown(73, "limit ")]
    public int? Limit { get; init; }

    /// <summary>Tokens in a window of a text; null for 64.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "characters or words in a window of a text (default: 64)"), Range(1, 1_000_000)]
    [Shown(75, "context ")]
    public int? Context { get; init; }

    /// <summary>The tokens of a text: characters or words; null for characters.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "what a text is cut into (default: characters)"), AllowedValues(Characters, Words)]
    [Shown(76, "tokens ")]
    public string? Tokens { get; init; }

    const string Characters = "characters", Words = "words";

    /// <inheritdoc/>
    internal override DataPlaces Places => base.Places with { Context = Context, AreWords = Tokens is null ? null : Tokens == Words };

    /// <inheritdoc/>
    /// <exception cref="TorchletException">So many are not there.</exception>
    public override Dataset Examples(Dataset data) => Limit is not { } count ? data
        : count <= data.Train.Count ? data.First(count)
        : throw new TorchletException($"--limit {count}: {data.Name} has {data.Train.Count} training examples; ask for no more.");

    /// <summary>The seeds of the trainings.</summary>
    internal ImmutableArray<long> EachSeed => Seeds.IsEmpty ? [Seed] : Seeds;
}

/// <summary>Options of a script that can continue an earlier run.</summary>
public interface IResumable
{
    /// <summary>The text of --help for <see cref="Resume"/>.</summary>
    internal const string Help = "continue an interrupted run (its folder, or latest) with its saved options; --epochs may be raised, "
        + "unless a schedule is laid out over all steps (any --schedule but constant)";

    /// <summary>The earlier run: its folder, or latest; null for a new run.</summary>
    string? Resume { get; }
}
