using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of a script that makes a published result again: all else is as its source has it.</summary>
[Description("Makes a published result again, prints it beside the source's and draws it."), Example("--epochs 1")]
public record GalleryConfig : RunConfig, IResumable
{
    /// <summary>Passes over the training set.</summary>
    [Display(Description = "passes over the training set; fewer than the source's for a short form"), Range(1, 1_000_000)]
    public int Epochs { get; init; } = 10;

    /// <summary>Seeds to train each variant from; none stands for Seed.</summary>
    [Display(Description = "seeds to train from, each anew, in place of --seed"), Distinct]
    public ImmutableArray<long> Seeds { get; init; } = [];

    /// <summary>A run's folder to go on in, after the last finished epoch; null for a new run.</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "run", Description = "go on with an interrupted run: its folder, or latest; its options hold, --epochs may grow")]
    public string? Resume { get; init; }

    /// <summary>The seeds to train from.</summary>
    internal ImmutableArray<long> EachSeed => Seeds.IsEmpty ? [Seed] : Seeds;
}
