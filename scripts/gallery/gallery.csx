#!/usr/bin/env -S sh -c 'exec dotnet run "$(dirname "$0")/../../run.cs" -- "$0" "$@"'
// The whole gallery, one script after the other, and a table of what was published and what came out. The same command again does what is missing.
//   dotnet run run.cs -- scripts/gallery/gallery.csx [--epochs 1 --seeds 0,1,2 --only optimizers,fgsm; --help]
//   dotnet script scripts/gallery/gallery.csx -- [options]   (after dotnet build lib/Csx)
#load "../repl.csx"
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

return Script.Run(Args, new WholeGalleryConfig(), run =>
{
    var config = run.Config;
    var home = Path.GetFullPath(config.Out ?? Path.Combine(ProjectFolders.Outputs, "gallery"));
    string[] options =
    [
        "--plain", "--seeds", string.Join(',', config.Seeds), "--data", config.Data, "--device", config.Device,
        .. config.Epochs is { } epochs ? ["--epochs", $"{epochs}"] : Array.Empty<string>(),
        .. config.Limit is { } limit ? ["--limit", $"{limit}"] : Array.Empty<string>(),
    ];
    var failed = config.Only.Where(name => !GalleryTable.Run(name, Path.Combine(home, name), options, run.Stop)).ToList();
    File.WriteAllText(Path.Combine(home, "table.md"), GalleryTable.Of(config.Only.Select(name => Path.Combine(home, name))));
    WriteLine($"Table: {Notice.Shown(Path.Combine(home, "table.md"))}");
    if (failed.Count > 0) throw new TorchletException($"{string.Join(", ", failed)} did not finish; run the same command again to continue.");
});

[Description("Makes every published result of the gallery again, and a table of them."), Example("--epochs 1 --seeds 0")]
record WholeGalleryConfig : ScriptConfig
{
    [Display(Description = "passes over the training set (default: as many as each source has)"), Range(1, 1_000_000)]
    public int? Epochs { get; init; }

    [Display(Description = "take so many training examples, from the first (default: all)"), Range(1, 1_000_000_000)]
    public int? Limit { get; init; }

    [Display(Description = "seeds to train from"), MinLength(1)]
    public ImmutableArray<long> Seeds { get; init; } = [0, 1, 2];

    [Display(Prompt = "set|place", Description = "data, as script 02 takes them")]
    public string Data { get; init; } = "auto";

    [Display(Prompt = "device", Description = "auto, cpu, cuda, cuda:1 or mps")]
    public string Device { get; init; } = "auto";

    [Display(Prompt = "name,…", Description = "scripts of the gallery, in this order"), MinLength(1)]
    public ImmutableArray<string> Only { get; init; } =
    [
        "two_layer_net", "optimizers", "initializers", "overfitting", "batch_norm", "nielsen_quadratic", "nielsen_cross_entropy", "lecun_1998",
        "autoencoder", "fgsm", "simple_conv_net", "keras_convnet", "deep_conv_net", "pytorch_mnist",
    ];
}
