using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options that every script has. A property is an option of the same name in kebab-case, unless Display names another.</summary>
public abstract record RunConfig
{
    /// <summary>Which data set.</summary>
    [Display(Prompt = "set|folder", Description = "auto, mnist, fashion-mnist, synthetic, or a folder with the four IDX files")]
    public string Data { get; init; } = "auto";

    /// <summary>Where the tensors live.</summary>
    [Display(Prompt = "device", Description = "auto, cpu, cuda, cuda:1 or mps")]
    public string Device { get; init; } = "auto";

    /// <summary>Threads that libtorch uses within an operation; null leaves its own choice.</summary>
    [Display(Description = "threads within an operation (default: libtorch's choice)"), Range(1, 1024)]
    public int? Threads { get; init; }

    /// <summary>What <c>torch.manual_seed</c> is called with.</summary>
    [Display(Description = "seed of every random draw")]
    public long Seed { get; init; }

    /// <summary>Folder to write exactly there; null for outputs/(script)/(time).</summary>
    [NotReplayed, Display(Prompt = "folder", Description = "write exactly there (default: outputs/<script>/<time>)")]
    public string? Out { get; init; }

    /// <summary>Plain lines in place of a live display.</summary>
    [NotReplayed, Display(Description = "plain lines, no live display")]
    public bool Plain { get; init; }

    /// <summary>An earlier run of the script, whose options stand in for those that are not given; null for none.</summary>
    [NotReplayed, Display(Prompt = "run", Description = "replay an earlier run: its folder or config.json; options given here override it")]
    public string? Config { get; init; }
}
