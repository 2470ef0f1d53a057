using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of every script. A property is an option of the same name in kebab-case, unless Display gives another name.</summary>
public abstract record ScriptConfig
{
    /// <summary>Folder to write exactly there; null for outputs/(script)/(time).</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "folder", Description = "write exactly there (default: outputs/<script>/<time>)")]
    public string? Out { get; init; }

    /// <summary>Plain lines in place of a live display.</summary>
    [NotReplayed, Display(Description = "plain lines, no live display")]
    public bool Plain { get; init; }

    /// <summary>TrainConfig --epochs 3 --lr 0.001: the options that are not as usual.</summary>
    public sealed override string ToString() => $"{GetType().Name} {CommandLine.Differing(this)}".TrimEnd();
}

/// <summary>Options of a script that computes on data.</summary>
public abstract record RunConfig : ScriptConfig
{
    /// <summary>Which data set.</summary>
    [NotEmpty, Display(Prompt = "set|place", Description = "auto, mnist, fashion-mnist, synthetic, a folder with the four IDX files or with one of pictures "
        + "for each class, a Keras .npz or a .csv")]
    [Shown(1, "data ", In = ShownIn.Subject)]
    public string Data { get; init; } = "auto";

    /// <summary>Pixels a side of the pictures in a folder, which may be of any size; null for 28.</summary>
    [Display(Description = "pixels a side that the pictures in folders are brought to (default: 28)"), Range(1, 4096)]
    [Shown(71, "side ")]
    public int? Side { get; init; }

    /// <summary>Where the tensors live.</summary>
    [Display(Prompt = "device", Description = "auto, cpu, cuda, cuda:1 or mps")]
    public string Device { get; init; } = "auto";

    /// <summary>Threads that libtorch uses within an operation; null leaves its own choice.</summary>
    [Display(Description = "threads within an operation (default: libtorch's choice)"), Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>What <c>torch.manual_seed</c> is called with.</summary>
    [Display(Description = "seed of every random draw")]
    [Shown(82, "seed ", Part = "seed")]
    public long Seed { get; init; }

    /// <summary>An earlier run of the script, whose options stand in for those that are not given; null for none.</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "run", Description = "replay an earlier run: its folder or config.json; options given here override it")]
    public string? Config { get; init; }

    /// <summary>Whether the script works on the data that the options name.</summary>
    internal virtual bool HasData => true;

    /// <summary>The examples that the options choose out of a data set.</summary>
    public virtual Dataset Examples(Dataset data) => data;
}

/// <summary>Options of a script that trains: for how long, and from which seeds.</summary>
public abstract record TrainingConfig : RunConfig
{
    /// <summary>Passes over the training set.</summary>
    [Display(Description = "passes over the training set"), Range(1, 1_000_000)]
    [Shown(4, "epochs ", In = ShownIn.Axis)]
    public int Epochs { get; init; } = 10;

    /// <summary>Seeds of the trainings, one after the other; an empty list stands for <see cref="RunConfig.Seed"/>.</summary>
    [Display(Description = "seeds to train from, one after the other, in place of --seed"), Distinct]
    [Shown(81, "seeds ")]
    public ImmutableArray<long> Seeds { get; init; } = [];

    /// <summary>The seeds of the trainings.</summary>
    internal ImmutableArray<long> EachSeed => Seeds.IsEmpty ? [Seed] : Seeds;
}

/// <summary>Options of a script that can continue an earlier run.</summary>
public interface IResumable
{
    /// <summary>The text of --help for <see cref="Resume"/>.</summary>
    internal const string Help = "continue an interrupted run (its folder, or latest) with its saved options; --epochs may be raised";

    /// <summary>The earlier run: its folder, or latest; null for a new run.</summary>
    string? Resume { get; }
}
