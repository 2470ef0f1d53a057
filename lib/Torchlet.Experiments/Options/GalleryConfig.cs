using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of a script that reproduces a published result. Everything else is as in the source.</summary>
[Description("Reproduces a published result, prints it next to the source's and draws it. Fewer --epochs, and --limit, make a shorter run.")]
[Example("--epochs 1 --limit 1000")]
public record GalleryConfig : TrainingConfig, IResumable
{
    /// <summary>The folder of a run to continue after its last finished epoch; null for a new run.</summary>
    [NotReplayed, NotEmpty, Display(GroupName = OptionGroup.Run, Prompt = "run", Description = IResumable.Help)]
    public string? Resume { get; init; }
}
