// How fast the product does what it exists for, beside what others would write, in one run on one machine:
//   dotnet run -c Release --project tests/Torchlet.Benchmarks [-- --rounds 10 --only epoch,zoo,inference,process,accuracy,data,sweep,growth,endurance]
// Writes outputs/benchmarks/*.csv and outputs/benchmarks/benchmarks.png.

using Torchlet;
using Torchlet.Benchmarks;
using TorchSharp;

if (args is [ConsolePeer.Word, ..]) return ConsolePeer.Run(args);

return Script.Run(args, new BenchmarkConfig(), config =>
{
    var data = InAFolder(Datasets.Load(config.Data));
    var folder = Directory.CreateDirectory(config.Out ?? Path.Combine(ProjectFolders.Outputs, "benchmarks")).FullName;
    Console.WriteLine($"{data.Name}, {torch.get_num_threads()} threads, {config.Rounds} rounds in turn");

    var measured = new List<Measurement>();
    foreach (var (part, measure) in new (string, Func<IReadOnlyList<Measurement>>)[]
    {
        (BenchmarkConfig.Epoch, () => EpochContest.Run(config, data)),
        (BenchmarkConfig.Zoo, () => ZooContest.Run(config, data)),
        (BenchmarkConfig.Inference, () => InferenceContest.Run(config, data)),
        (BenchmarkConfig.Process, () => ProcessContest.Run(config, data, folder)),
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

    var grown = new List<GrowthRow>();
    foreach (var (part, grow) in new (string, Func<IEnumerable<GrowthRow>>)[]
    {
        (BenchmarkConfig.Growth, () => Growth.Run(data, config.Rounds)),
        (BenchmarkConfig.Endurance, () => Growth.Endure(data)),
    }.Where(p => config.Only.Contains(p.Item1)))
    {
        var rows = grow().ToList();
        Results.Print(rows);
        Results.Write(Path.Combine(folder, $"{part}.csv"), rows);
        grown.AddRange(rows);
    }

    BenchmarkSheet.Save(measured, grown, Path.Combine(folder, "benchmarks.png"));
    Console.WriteLine($"Written to {Notice.Shown(folder)}");
});

// Other processes read the same files. Where MNIST cannot be had, the source of what stands in for it is a sentence.
static Dataset InAFolder(Dataset data) => Directory.Exists(data.Source) ? data : Datasets.Load("synthetic");
