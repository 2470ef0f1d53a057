using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>The usual program with TorchSharp: nn.Module, optim.Adam, and the data in memory or from TorchSharp's DataLoader.</summary>
static class ModuleLoop
{
    sealed class Net : nn.Module<Tensor, Tensor>
    {
        readonly Linear fc1 = nn.Linear(784, 50), fc2 = nn.Linear(50, 100), fc3 = nn.Linear(100, 10);

        public Net() : base("net") => RegisterComponents();

        public override Tensor forward(Tensor x) => fc3.forward(fc2.forward(fc1.forward(x).sigmoid()).sigmoid());
    }

    /// <summary>A split as TorchSharp's DataLoader wants it: an image at a time, which the loader stacks to batches.</summary>
    sealed class Examples(Batch all) : utils.data.Dataset
    {
        public override long Count => all.Targets.shape[0];

        public override Dictionary<string, Tensor> GetTensor(long index) => new() { ["data"] = all.Inputs[index], ["label"] = all.Targets[index] };
    }

    /// <summary>One epoch each time the sequence is asked for the next element: its test accuracy. The data are float tensors in memory.</summary>
    public static IEnumerable<double> InMemory(Dataset data, int batchSize)
    {
        var (train, test) = (Floats(data.Train), Floats(data.Test));
        return Epochs(() => Shuffled(train, batchSize), () => test.Inputs.split(batchSize).Zip(test.Targets.split(batchSize)), data);
    }

    /// <summary>The same with TorchSharp's DataLoader over the same tensors.</summary>
    public static IEnumerable<double> WithDataLoader(Dataset data, int batchSize)
    {
        using var train = new DataLoader(new Examples(Floats(data.Train)), batchSize, shuffle: true, device: data.Train.Inputs.device);
        using var test = new DataLoader(new Examples(Floats(data.Test)), batchSize, shuffle: false, device: data.Test.Inputs.device);
        static IEnumerable<(Tensor, Tensor)> Pairs(DataLoader loader) => loader.Select(b => (b["data"], b["label"]));
        foreach (var accuracy in Epochs(() => Pairs(train), () => Pairs(test), data))
            yield return accuracy;
    }

    static IEnumerable<double> Epochs(Func<IEnumerable<(Tensor, Tensor)>> train, Func<IEnumerable<(Tensor, Tensor)>> test, Dataset data)
    {
        using var net = new Net().to(data.Train.Inputs.device);
        using var optimizer = optim.Adam(net.parameters(), 2e-4);
        while (true)
            yield return Epoch(net, optimizer, train(), test()) / data.Test.Count;
    }

    static double Epoch(Net net, optim.Optimizer optimizer, IEnumerable<(Tensor, Tensor)> train, IEnumerable<(Tensor, Tensor)> test)
    {
        using var scope = NewDisposeScope();
        var trainLoss = 0.0;
        net.train();
        foreach (var (x, y) in train)
        {
            using var step = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(net.forward(x), y, reduction: nn.Reduction.Sum);
            loss.backward();
            optimizer.step();
            trainLoss += loss.item<float>();
        }
        net.eval();
        using var noGrad = no_grad();
        var (testLoss, correct) = (0.0, 0L);
        foreach (var (x, y) in test)
        {
            using var step = NewDisposeScope();
            var logits = net.forward(x);
            testLoss += nn.functional.cross_entropy(logits, y, reduction: nn.Reduction.Sum).item<float>();
            correct += logits.argmax(1).eq(y).sum().item<long>();
        }
        return correct;
    }

    static IEnumerable<(Tensor, Tensor)> Shuffled(Batch all, int batchSize)
    {
        using var order = randperm(all.Targets.shape[0], device: all.Targets.device);
        foreach (var indices in order.split(batchSize))
        {
            using var x = all.Inputs.index_select(0, indices);
            using var y = all.Targets.index_select(0, indices);
            yield return (x, y);
        }
    }

    static Batch Floats(Split split) => new(Batches.Floats(split.Inputs).flatten(1), split.Targets);
}
