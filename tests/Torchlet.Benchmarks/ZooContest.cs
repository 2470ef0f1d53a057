using TorchSharp;
using static Torchlet.Activations;
using static Torchlet.Layers;
using static Torchlet.Transforms;
using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>One epoch of models beyond the notebook's, compared with TorchSharp's modules and Python's, all with their data in memory.</summary>
static class ZooContest
{
    const int WarmUp = 2;

    /// <summary>A model and its optimizer, as Torchlet has them and as TorchSharp has them.</summary>
    /// <param name="First">How many training images it takes; of the test images it takes a sixth as many.</param>
    sealed record Case(
        string Name, int BatchSize, Layer Model, Transform Optimizer, Func<nn.Module<Tensor, Tensor>> Module,
        Func<IEnumerable<TorchSharp.Modules.Parameter>, optim.Optimizer> ModulesOptimizer, double? Clip = null, int First = 60_000);

    static Layer Block => Residual(Each(LayerNorm()) >> Attention(4)) >> Residual(Each(LayerNorm() >> Dense(128) >> Gelu >> Dense(64)));

    static IReadOnlyList<Case> Pictures =>
    [
        new("lenet5", 128,
            Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Conv(16, 5) >> Relu >> MaxPool(2) >> Flatten
                >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10),
            Optimizers.Adam(1e-3),
            () => nn.Sequential(nn.Conv2d(1, 6, 5, padding: 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
            p => optim.Adam(p, 1e-3)),
        new("norms", 128,
            Dense(256) >> BatchNorm() >> Relu >> Dense(128) >> LayerNorm() >> Gelu >> Dense(10),
            Optimizers.AdamW(1e-3),
            () => nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 128), nn.LayerNorm(128), nn.GELU(),
                nn.Linear(128, 10)),
            p => optim.AdamW(p, 1e-3, weight_decay: 1e-2)),
        new("convnorm", 256,
            Conv(16, 3, stride: 2, padding: 1) >> BatchNorm() >> Relu >> Conv(32, 3, stride: 2, padding: 1) >> BatchNorm() >> Relu
                >> AvgPool(7) >> Flatten >> Dense(10),
            Optimizers.RmsProp(1e-3),
            () => nn.Sequential(nn.Conv2d(1, 16, 3, stride: 2, padding: 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, stride: 2, padding: 1),
                nn.BatchNorm2d(32), nn.ReLU(), nn.AvgPool2d(7), nn.Flatten(), nn.Linear(32, 10)),
            p => optim.RMSProp(p, 1e-3)),
        new("nesterov", 512,
            Mlp.Layer([50, 100], Relu, 10),
            Chain(ClipByGlobalNorm(1), AddDecayedWeights(1e-4), Momentum(0.9, nesterov: true), ScaleByLearningRate(0.1)),
            () => nn.Sequential(nn.Flatten(), nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 100), nn.ReLU(), nn.Linear(100, 10)),
            p => optim.SGD(p, 0.1, momentum: 0.9, weight_decay: 1e-4, nesterov: true), Clip: 1),
    ];

    static IReadOnlyList<Case> Sequences =>
    [
        new("lstm", 128,
            Reshape(28, 28) >> Recurrent(Lstm(128)) >> Dense(10), Optimizers.Adam(1e-3), () => new SequenceModules.RowsLstm(), p => optim.Adam(p, 1e-3),
            First: 3_000),
        new("tiny_vit", 128,
            Reshape(7, 4, 7, 4) >> Permute(0, 2, 1, 3) >> Reshape(49, 16) >> Each(Dense(64)) >> Positional() >> Block >> Block
                >> Mean(0) >> LayerNorm() >> Dense(10),
            Optimizers.AdamW(2e-3), () => new SequenceModules.TinyVit(), p => optim.AdamW(p, 2e-3, weight_decay: 1e-2), First: 3_000),
    ];

    public static IReadOnlyList<Measurement> OfPictures(BenchmarkConfig config, Dataset data) => Run(Pictures, config, data);

    public static IReadOnlyList<Measurement> OfSequences(BenchmarkConfig config, Dataset data) => Run(Sequences, config, data);

    static IReadOnlyList<Measurement> Run(IReadOnlyList<Case> cases, BenchmarkConfig config, Dataset data)
    {
        var isPythonThere = PythonPeer.IsThere(config.Python);
        return [.. cases.SelectMany(c => Of(c, config, data, isPythonThere))];
    }

    static IReadOnlyList<Measurement> Of(Case c, BenchmarkConfig config, Dataset data, bool isPythonThere)
    {
        data = data with { Train = data.Train[..Math.Min(c.First, data.Train.Count)], Test = data.Test[..Math.Min(c.First / 6, data.Test.Count)] };
        var recipe = new Recipe(c.Model, Objective.Classify(), c.Optimizer) { Epochs = int.MaxValue, BatchSize = c.BatchSize, Reduction = Reduction.Mean };
        int[] threads = isPythonThere ? [.. new[] { 1, get_num_threads() }.Distinct()] : [];
        var peers = threads.Select(n => (Name: $"Python, in memory, {n} threads", Peer: PythonPeer.Start(config.Python, c.Name, data, n, c.First))).ToList();
        try
        {
            return Measurement.Of(c.Name, "s", Contest.Alternate(config.Rounds, WarmUp,
            [
                ("Torchlet", EpochContest.Next(Training.Epochs(recipe, data))),
                ("nn.Module, in memory", EpochContest.Next(Modules(c, data))),
                .. peers.Select(p => (p.Name, EpochContest.Timed(p.Peer.Turn))),
            ]));
        }
        finally
        {
            peers.ForEach(p => p.Peer.Dispose());
        }
    }

    /// <summary>One epoch each time the sequence is asked for the next element: its test accuracy.</summary>
    static IEnumerable<double> Modules(Case c, Dataset data)
    {
        using var net = c.Module().to(data.Train.Inputs.device);
        using var optimizer = c.ModulesOptimizer(net.parameters());
        using var train = Batches.Floats(data.Train.Inputs);
        using var test = Batches.Floats(data.Test.Inputs);
        while (true)
        {
            Learn(net, optimizer, train, data.Train.Targets, c);
            yield return Right(net, test, data.Test.Targets, c.BatchSize) / (double)data.Test.Count;
        }
    }

    static void Learn(nn.Module<Tensor, Tensor> net, optim.Optimizer optimizer, Tensor images, Tensor labels, Case c)
    {
        using var scope = NewDisposeScope();
        var trainLoss = 0.0;
        net.train();
        foreach (var indices in randperm(labels.shape[0], device: labels.device).split(c.BatchSize))
        {
            using var step = NewDisposeScope();
            var loss = nn.functional.cross_entropy(net.call(images.index_select(0, indices)), labels.index_select(0, indices));
            optimizer.zero_grad();
            loss.backward();
            if (c.Clip is { } clip) nn.utils.clip_grad_norm_(net.parameters(), clip);
            optimizer.step();
            trainLoss += loss.item<float>() * indices.shape[0];
        }
    }

    static long Right(nn.Module<Tensor, Tensor> net, Tensor images, Tensor labels, int batchSize)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        net.eval();
        var (loss, right) = (0.0, 0L);
        foreach (var (x, y) in images.split(batchSize).Zip(labels.split(batchSize)))
        {
            using var step = NewDisposeScope();
            var logits = net.call(x);
            loss += nn.functional.cross_entropy(logits, y, reduction: nn.Reduction.Sum).item<float>();
            right += logits.argmax(1).eq(y).sum().item<long>();
        }
        return right;
    }
}
