using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of a script that computes on data.</summary>
public abstract record RunConfig : ScriptConfig
{
    /// <summary>Which data set.</summary>
    [NotEmpty, Display(Prompt = "set|place", Description = "auto, mnist, fashion-mnist, synthetic, a folder with the four IDX files or with one of pictures "
        + "for each class, a Keras .npz or a .csv")]
    public string Data { get; init; } = "auto";

    /// <summary>Pixels a side of the pictures in a folder, which may be of any size; null for 28.</summary>
    [Display(Description = "pixels a side that the pictures in folders are brought to (default: 28)"), Range(1, 4096)]
    public int? Side { get; init; }

    /// <summary>Where the tensors live.</summary>
    [Display(Prompt = "device", Description = "auto, cpu, cuda, cuda:1 or mps")]
    public string Device { get; init; } = "auto";

    /// <summary>Threads that libtorch uses within an operation; null leaves its own choice.</summary>
    [Display(Description = "threads within an operation (default: libtorch's choice)"), Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>What <c>torch.manual_seed</c> is called with.</summary>
    [Display(Description = "seed of every random draw")]
    public long Seed { get; init; }

    /// <summary>An earlier run of the script, whose options stand in for those that are not given; null for none.</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "run", Description = "replay an earlier run: its folder or config.json; options given here override it")]
    public string? Config { get; init; }

    /// <summary>Whether the script works on the data that the options name.</summary>
    internal virtual bool HasData => true;

    /// <summary>The examples that the options choose out of a data set.</summary>
    public virtual Dataset Examples(Dataset data) => data;
}
