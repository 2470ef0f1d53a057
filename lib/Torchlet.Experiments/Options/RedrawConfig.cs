using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of redrawing a run's pictures.</summary>
[Description("Redraws every picture of one or more run folders from their CSV files and config.json; "
    + "training runs named together also over one another.")]
[Example("outputs/02_train_cross_entropy/latest")]
public record RedrawConfig : ScriptConfig
{
    /// <summary>Run folders; an empty list means the latest run of every script.</summary>
    [Positional, Display(Name = "run", Description = "run folders (default: the latest run of every script)")]
    public ImmutableArray<string> Runs { get; init; } = [];
}
