using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of one training run.</summary>
[Description("Trains a multilayer perceptron and logs, plots and prints every epoch."), Example("--epochs 3 --hidden 128,64 --activation relu")]
public record TrainConfig : LearningConfig, IResumable
{
    /// <summary>The name of a <see cref="LossVariant"/> that is right.</summary>
    [Display(Description = "what is minimised"), AllowedValues("cross_entropy", "nll")]
    public string Loss { get; init; } = "cross_entropy";

    /// <inheritdoc/>
    protected override string MinimisedLoss => Loss;

    /// <summary>How many epochs in a row may be no better than the best before them; null for any number.</summary>
    [Display(Description = "end after so many epochs in a row that are no better, by the validation loss or else the test loss"), Range(1, 1_000_000)]
    public int? Patience { get; init; }

    /// <summary>File to write the best weights to as a PyTorch state dict; null for none.</summary>
    [NotReplayed, WrittenFile, NotEmpty, Display(Prompt = "file", Description = "also write the best weights there as a PyTorch state dict")]
    public string? SavePt { get; init; }

    /// <summary>A run's folder to go on in, after its last finished epoch; null for a new run.</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "run", Description = "go on with an interrupted run: its folder, or latest; its options hold, --epochs may grow")]
    public string? Resume { get; init; }
}
