using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of inference with trained weights. The defaults are the course notebook's.</summary>
[Description("Classifies images with trained weights and reports the accuracy."), Example("--split test --normalize true")]
public record InferConfig : RunConfig
{
    /// <summary>File with the weights.</summary>
    [ReadPlace, Display(GroupName = OptionGroup.Model, Prompt = "file|run|auto",
        Description = "weights file; or a run (its folder, its name in outputs/, or latest), whose best weights "
        + "are used; or auto: the book's, else those in sample_weights/ that fit the data; for --image those for MNIST")]
    public string Weights { get; init; } = "auto";

    /// <summary>Which examples.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "which examples"), AllowedValues("train", "test")]
    public string Split { get; init; } = "train";

    /// <summary>Whether pixels are divided by 255; null for what the weights were trained with, or raw pixels if they do not say.</summary>
    [Display(GroupName = OptionGroup.Data, Description = "pixels in [0, 1] instead of 0 to 255 (default: as the weights file says, else false)")]
    public bool? Normalize { get; init; }

    /// <summary>Examples at a time.</summary>
    [Display(GroupName = OptionGroup.Run, Description = "examples at a time"), Range(1, 1_000_000_000)]
    public int BatchSize { get; init; } = 100;

    /// <summary>The name of an <see cref="Torchlet.Activation"/>; null for what the weights were trained with, or sigmoid if they do not say.</summary>
    [Display(GroupName = OptionGroup.Model,
        Description = "activation function between layers (default: as the weights file says, else sigmoid)"), OneOf<ActivationNames>]
    public string? Activation { get; init; }

    /// <summary>A picture, or a folder of pictures, to classify in place of a data set's examples; null for none.</summary>
    [NotEmpty, ReadPlace, Display(GroupName = OptionGroup.Data, Prompt = "file|folder",
        Description = "pictures to predict instead of a data set: a PNG or JPEG, several with commas between them, or "
        + "those of a folder; for a network of MNIST's kind drawings or photos of one digit each")]
    public string? Image { get; init; }

    /// <inheritdoc/>
    internal override bool HasData => Image is null;

    /// <inheritdoc/>
    internal override Dataset Load(CancellationToken stop) =>
        NewTable.Find(this, stop) ?? TextFile.Find(this, stop) ?? Datasets.Load(this with { Side = Side ?? PretrainedWeights.TrainedSide(this) }, stop);

    /// <summary>Whether to write a page on which a person draws and the network answers.</summary>
    [Display(GroupName = OptionGroup.Output, Description = "also write draw.html, a page where you draw and the network classifies")]
    public bool Draw { get; init; }

    /// <summary>File to write the network to as an ONNX model; null for none.</summary>
    [NotReplayed, WrittenFile, NotEmpty, Display(GroupName = OptionGroup.Output, Prompt = "file",
        Description = "also write the network as an ONNX model (opset 17) "
        + "that returns probabilities")]
    public string? SaveOnnx { get; init; }
}
