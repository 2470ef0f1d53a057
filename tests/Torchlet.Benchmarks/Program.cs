// The speed of the library compared with other ways to write the same, in one run on one machine:
//   dotnet run -c Release --project tests/Torchlet.Benchmarks [-- --rounds 10 --only epoch,zoo; --help lists all parts]
// Writes outputs/benchmarks/*.csv, benchmarks.png, and growth_cost.png and growth_memory.png.
// --device cuda lets epoch, zoo, sequences, inference, growth and endurance run there, Python too; the other parts are of the processor.

using Torchlet;
using Torchlet.Benchmarks;
using TorchSharp;

Script.Begin(); // The process is tuned as a script's is.
if (args is [ConsolePeer.Word, ..]) return ConsolePeer.Run(args);
if (args is [Growth.Word, ..]) return Growth.Row(args);

return Script.Run(args, new BenchmarkConfig(), run =>
{
    var config = run.Config;
    var data = InAFolder(Datasets.Load(config.Data));
    var folder = Directory.CreateDirectory(config.Out ?? Path.Combine(ProjectFolders.Outputs, "benchmarks")).FullName;
    var device = Devices.Pick(config.Device);
    var there = data.To(device);
    Console.WriteLine($"{data.Name} on {device}, {torch.get_num_threads()} threads, {config.Rounds} rounds in turn");

    var measured = new List<Measurement>();
    foreach (var (part, measure) in new (string, Func<IReadOnlyList<Measurement>>)[]
    {
        (BenchmarkConfig.Epoch, () => EpochContest.Run(config, there)),
        (BenchmarkConfig.Zoo, () => ZooContest.OfPictures(config, there)),
        (BenchmarkConfig.Sequences, () => ZooContest.OfSequences(config, there)),
        (BenchmarkConfig.Inference, () => InferenceContest.Run(config, there)),
        (BenchmarkConfig.Process, () => ProcessContest.Run(config, data, folder)),
        (BenchmarkConfig.Scripts, () => ScriptContest.Run(config, data, folder)),
        (BenchmarkConfig.Accuracy, () => AccuracyRun.Run(config, data, folder)),
        (BenchmarkConfig.Reading, () => DataContest.Run(config, data)),
        (BenchmarkConfig.Sweep, () => SweepContest.Run(config, data, folder)),
    }.Where(p => config.Only.Contains(p.Item1)))
    {
        var rows = measure();
        Results.Print(rows);
        Results.Write(Path.Combine(folder, $"{part}.csv"), rows);
        measured.AddRange(rows);
    }

    var plots = BenchmarkSheet.Bars(measured).ToList();
    if (config.Only.Contains(BenchmarkConfig.Endurance))
    {
        var rows = Endurance.Run(there).ToList();
        Results.Print(rows);
        Results.Write(Path.Combine(folder, "endurance.csv"), rows);
        plots.Add(BenchmarkSheet.Long(rows));
    }
    if (plots.Count > 0) BenchmarkSheet.Save(plots, Path.Combine(folder, "benchmarks.png"));

    if (config.Only.Contains(BenchmarkConfig.Growth))
    {
        var rows = Growth.Run(config, data, folder).ToList();
        Results.Print(rows);
        Results.Write(Path.Combine(folder, "growth.csv"), rows);
        BenchmarkSheet.Save(BenchmarkSheet.Cost(rows), Path.Combine(folder, "growth_cost.png"));
        BenchmarkSheet.Save(BenchmarkSheet.Memory(rows), Path.Combine(folder, "growth_memory.png"));
    }
    Console.WriteLine($"Written to {Notice.Shown(folder)}");
});

// Other processes read the same files. Without MNIST, the source of its replacement is a sentence.
static Dataset InAFolder(Dataset data) => Directory.Exists(data.Source) ? data : Datasets.Load("synthetic");
