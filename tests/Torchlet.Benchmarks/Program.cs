// How fast an epoch is, side by side with what most people would write, in one run on one machine.
//   dotnet run -c Release --project tests/Torchlet.Benchmarks [rounds]
// Writes outputs/benchmarks/epoch.csv.

using System.Globalization;
using Torchlet;
using Torchlet.Benchmarks;
using TorchSharp;

Natives.Load();
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var rounds = args is [var text] ? int.Parse(text) : 10;
var data = Datasets.Load("auto");
var config = new TrainConfig { Epochs = int.MaxValue };

var timings = Contest.Alternate(rounds,
    ("Torchlet", Training.Run(config, data, Losses.CrossEntropy).Select(e => e.TestAccuracy)),
    ("nn.Module + optim.Adam, in memory", ModuleLoop.Epochs(data, config.BatchSize)));

Console.WriteLine($"One epoch of {data.Name}, {torch.get_num_threads()} threads, {rounds} rounds in turn");
Console.WriteLine($"{"",-36}{"median s",10}{"min",8}{"max",8}{"ratio",8}");
foreach (var t in timings)
    Console.WriteLine($"{t.Name,-36}{t.Median,10:f3}{t.Min,8:f3}{t.Max,8:f3}{t.Median / timings[^1].Median,8:f2}");

var folder = Directory.CreateDirectory(Path.Combine(ProjectFolders.Outputs, "benchmarks")).FullName;
AtomicFile.Write(Path.Combine(folder, "epoch.csv"), file =>
    _ = (timings | CsvLog.To(file, (Timing t) => new { name = t.Name, median_s = t.Median, min_s = t.Min, max_s = t.Max })).Count());
