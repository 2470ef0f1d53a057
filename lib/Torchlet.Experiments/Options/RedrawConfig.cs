using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of drawing a run's pictures anew.</summary>
[Description("Draws every picture of one or more run folders anew, from their CSV files and config.json alone; "
    + "training runs named together also over one another.")]
[Example("outputs/02_train_cross_entropy/latest")]
public record RedrawConfig : ScriptConfig
{
    /// <summary>Run folders; none stands for the latest run of every script.</summary>
    [Positional, Display(Name = "run", Description = "run folders (default: the latest run of every script)")]
    public ImmutableArray<string> Runs { get; init; } = [];
}
