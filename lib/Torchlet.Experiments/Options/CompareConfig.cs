using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of a comparison of losses, each trained from the same seeds.</summary>
[Description("Trains the same network with each loss from the same seeds and compares them."), Example("--epochs 3 --seeds 0,1,2")]
public record CompareConfig : LearningConfig
{
    /// <summary>The names of <see cref="LossVariant"/>s.</summary>
    [Display(Order = -1, Prompt = "name,…", GroupName = OptionGroup.Training,
        Description = "training losses, one after the other"), OneOf<LossNames>, MinLength(1), Distinct]
    public ImmutableArray<string> Losses { get; init; } = [.. LossVariant.All.Select(v => v.Name)];

    /// <summary>The language of summary.md; script 03 takes that of the locale unless told.</summary>
    [Display(Order = -1, GroupName = OptionGroup.Output, Description = "language of summary.md (default: that of LC_ALL, LC_MESSAGES or LANG)"),
        AllowedValues("en", "ko")]
    public string Language { get; init; } = "en";

    /// <inheritdoc/>
    protected internal override Recipe Described(Dataset data) => data.Train.Targets.ndim == 1 ? base.Described(data)
        : throw new TorchletException($"--data {Data}: {data.Name} has a label at each position, and losses are compared on one label an example; "
            + "name other data.");

    /// <summary>How many trainings there will be: each loss from each seed.</summary>
    internal int Trainings => EachSeed.Length * Losses.Length;
}
