// A folder of PNG files for each class.
#r "../../../lib/bin/SkiaSharp.dll"
#load "../../../scripts/repl.csx"

using SkiaSharp;

record Options(string Folder) : TrainConfig;

return Script.Run(Args, new Options("pictures") { Hidden = [32] }, (config, stop) =>
{
    var classes = Directory.GetDirectories(config.Folder).Order().ToArray();
    var files = classes.SelectMany(Directory.GetFiles).OrderBy(file => Path.GetFileName(file)).ToArray();
    var x = tensor([.. files.SelectMany(file => SKBitmap.Decode(file, new SKImageInfo(28, 28, SKColorType.Gray8)).Bytes)]).view(-1, 1, 28, 28);
    var all = new Split(x, tensor([.. files.Select(file => (long)Array.IndexOf(classes, Path.GetDirectoryName(file)))]));
    var data = Dataset.Of(config.Folder, all[..^15], all[^15..], [.. classes.Select(name => Path.GetFileName(name)!)]);
    var recipe = config.Recipe(data);
    var run = RunFolder.Create(config, data, recipe: recipe);
    var epochs = Training.Run(recipe, data, run.Past.State, stop) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Plots.Curves(run);
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
