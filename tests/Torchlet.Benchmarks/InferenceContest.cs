using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>Classification of the 60,000 training images as they lie in memory, bytes, by 784-50-100-10.</summary>
static class InferenceContest
{
    const int WarmUp = 3, BatchSize = 100;

    public static IReadOnlyList<Measurement> Run(BenchmarkConfig config, Dataset data)
    {
        var net = Mlp.Layer([50, 100], Layers.Sigmoid, 10).Fit([.. data.Train.InputShape]);
        var model = net.Init(TorchRandom.Seeded(0)).Model.To(data.Train.Inputs.device);
        var floor = new Floor(data, BatchSize);
        using var python = PythonPeer.IsThere(config.Python) ? PythonPeer.Start(config.Python, "inference", data, get_num_threads()) : null;
        var contest = Contest.Alternate(config.Rounds, WarmUp,
        [
            ("Torchlet, batches of 100", EpochContest.Timed(() => Inference.Accuracy(Inference.Predictions(model, data.Train, BatchSize, divisor: 1)))),
            ("floor: the kernels alone", EpochContest.Timed(floor.Infer)),
            ("Torchlet, one batch", EpochContest.Timed(() => Inference.Accuracy(Inference.Predictions(model, data.Train, data.Train.Count, divisor: 1)))),
            ("the notebook's loop in TorchSharp", EpochContest.Timed(() => NotebooksLoop(model, data.Train))),
            .. python is null ? Array.Empty<(string, Func<double>)>() : [("the notebook's loop in Python", EpochContest.Timed(python.Turn))],
        ]);
        return Measurement.Of("inference", "s", contest);
    }

    /// <summary>Slices of float images, sigmoid and softmax spelled out, right answers counted.</summary>
    static long NotebooksLoop(Model model, Split split)
    {
        using var scope = NewDisposeScope();
        var (x, layers, correct) = (split.Inputs.to_type(ScalarType.Float32).flatten(1), model.Net.Views(model.Flat).Chunk(2).ToList(), 0L);
        static Tensor sigmoid(Tensor a) => 1 / (1 + (-a).exp());
        for (var i = 0; i < split.Count; i += BatchSize)
        {
            using var step = NewDisposeScope();
            var a = x[i..(i + BatchSize)];
            foreach (var layer in layers[..^1]) a = sigmoid(a.matmul(layer[0].t()) + layer[1]);
            a = a.matmul(layers[^1][0].t()) + layers[^1][1];
            var e = (a - a.amax([1], keepdim: true)).exp();
            var p = e / e.sum(1, keepdim: true);
            correct += p.argmax(1).eq(split.Targets[i..(i + BatchSize)]).sum().item<long>();
        }
        return correct;
    }
}
