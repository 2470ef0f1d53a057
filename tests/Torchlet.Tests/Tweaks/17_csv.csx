// A table of 64 features and a class, each feature made zero mean and unit deviation.
#load "../../../scripts/repl.csx"

record Options(string Csv) : TrainConfig;

return Script.Run(Args, new Options("digits.csv") { Hidden = [32] }, run =>
{
    var rows = tensor([.. File.ReadLines(run.Config.Csv).Skip(1).SelectMany(line => line.Split(',').Select(float.Parse))]).view(-1, 65);
    var (x, y) = (rows[.., ..64], rows[.., 64].to(int64));
    var all = new Split((x - x.mean([0])) / x.std(0), y);
    var data = Dataset.Of(run.Config.Csv, all[..^100], all[^100..], [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")]);
    var epochs = run.On(data).Train();
    WriteLine($"{epochs[^1].TestAccuracy:p2} after {epochs.Count} epochs");
});
