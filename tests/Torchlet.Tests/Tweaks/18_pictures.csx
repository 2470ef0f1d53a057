// A folder of PNG files for each class.
#r "../../../lib/bin/SkiaSharp.dll"
#load "../../../scripts/repl.csx"

using SkiaSharp;

record Options(string Folder) : TrainConfig;

return Script.Run(Args, new Options("pictures") { Hidden = [32] }, run =>
{
    var classes = Directory.GetDirectories(run.Config.Folder).Order().ToArray();
    var files = classes.SelectMany(Directory.GetFiles).OrderBy(file => Path.GetFileName(file)).ToArray();
    var x = tensor([.. files.SelectMany(file => SKBitmap.Decode(file, new SKImageInfo(28, 28, SKColorType.Gray8)).Bytes)]).view(-1, 1, 28, 28);
    var all = new Split(x, tensor([.. files.Select(file => (long)Array.IndexOf(classes, Path.GetDirectoryName(file)))]));
    var data = Dataset.Of(run.Config.Folder, all[..^15], all[^15..], [.. classes.Select(name => Path.GetFileName(name)!)]);
    var epochs = run.On(data).Train();
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
