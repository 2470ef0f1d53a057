using System.Diagnostics;
using TorchSharp;

namespace Torchlet.Benchmarks;

/// <summary>One epoch of 784-50-100-10 at batch size 512, shuffling, the cut of the batches and the test included.</summary>
static class EpochContest
{
    /// <summary>The comparison of the floor's parts, whose ratios are shares of it.</summary>
    public const string Parts = "floor";

    const int WarmUp = 3; // Rounds in which .NET still compiles in the background, on cores that the work needs.

    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data)
    {
        var training = new TrainConfig();
        var floor = new Floor(data, training.BatchSize);
        var device = data.Train.Inputs.device;
        var onTheProcessor = device.type == DeviceType.CPU; // Elsewhere a kernel has only begun when its call returns, and its part of the time is not known.
        using var big = new BigProduct(device);
        var gflop = Growth.Gflop(training.Recipe(data).Net(data), data);
        var profiles = new List<Floor.Profile>();
        IReadOnlyList<(string Name, string Loop, int Threads)> loops =
        [
            ("Python, as the notebook wrote it", "notebook", torch.get_num_threads()),
            ("Python, in memory, 1 thread", "memory", 1), ("Python, in memory, 2 threads", "memory", 2),
        ];
        var peers = PythonPeer.IsThere(config.Python)
            ? loops.Select(l => (l.Name, Peer: PythonPeer.Start(config.Python, l.Loop, data, l.Threads))).ToList()
            : [];
        peers.ForEach(p => Console.WriteLine($"{p.Name}: {p.Peer.RunsOn}"));
        try
        {
            var contest = Contest.Alternate(config.Rounds, WarmUp,
            [
                ("Torchlet", Next(Training.Epochs(training.Recipe(data) with { Epochs = int.MaxValue }, data))),
                ("limit: at a big product's rate", () => gflop / big.GflopPerSecond()),
                ("floor: the kernels alone", Timed(() => profiles.Add(floor.Epoch()))),
                ("nn.Module + optim.Adam, in memory", Next(ModuleLoop.InMemory(data, training.BatchSize))),
                ("nn.Module + TorchSharp's DataLoader", Next(ModuleLoop.WithDataLoader(data, training.BatchSize))),
                .. peers.Select(p => (p.Name, Timed(p.Peer.Turn))),
            ]);
            return [.. Measurement.Of("epoch", "s", contest), .. onTheProcessor ? PartsOf(profiles[WarmUp..]) : []];
        }
        finally
        {
            peers.ForEach(p => p.Peer.Dispose());
        }
    }

    static IReadOnlyList<Measurement> PartsOf(IReadOnlyList<Floor.Profile> profiles) =>
    [
        .. from part in new (string Name, Func<Floor.Profile, double> Seconds)[]
           {
               ("gather to float32", p => p.Gather), ("eight matrix products", p => p.Products), ("sigmoids, log_softmax, their gradients", p => p.Elementwise),
               ("Adam", p => p.Adam), ("forward pass over the test set", p => p.Test),
           }
           let seconds = profiles.Select(part.Seconds).ToList()
           select new Measurement(Parts, part.Name, "s",
               Measurement.MedianOf(seconds), seconds.Min(), seconds.Max(), Measurement.MedianOf([.. profiles.Select(p => part.Seconds(p) / p.Total)])),
    ];

    /// <summary>Seconds that the next element of a sequence took, each time it is called.</summary>
    public static Func<double> Next<T>(IEnumerable<T> work)
    {
        var running = work.GetEnumerator();
        return Timed(() => running.MoveNext());
    }

    /// <summary>Seconds that some work took, each time it is called, its last kernel included.</summary>
    public static Func<double> Timed(Action work) => () =>
    {
        var start = Stopwatch.GetTimestamp();
        work();
        if (torch.cuda.is_available()) torch.cuda.synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    };
}
