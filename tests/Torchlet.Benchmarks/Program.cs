// How fast the product does what it exists for, beside what others would write, in one run on one machine:
//   dotnet run -c Release --project tests/Torchlet.Benchmarks [-- --rounds 10 --only epoch,inference,process,growth,endurance]
// Writes outputs/benchmarks/*.csv and outputs/benchmarks/benchmarks.png.

using Torchlet;
using Torchlet.Benchmarks;
using TorchSharp;

return Script.Run(args, new BenchmarkConfig(), config =>
{
    var data = Datasets.Load(config.Data);
    Console.WriteLine($"{data.Name}, {torch.get_num_threads()} threads, {config.Rounds} rounds in turn");
    if (config.Only.Contains(BenchmarkConfig.Epoch))
        foreach (var m in EpochContest.Run(config, data)) Console.WriteLine($"{m.Comparison,-12}{m.Name,-40}{m.Median,9:f4}{m.Min,9:f4}{m.Max,9:f4}{m.Ratio,8:f3}");
});
