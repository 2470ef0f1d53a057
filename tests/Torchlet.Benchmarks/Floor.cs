using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Benchmarks;

/// <summary>
/// The kernels of one epoch of 784-50-100-10 that are needed in any case, each on tensors allocated beforehand and streamed over the data
/// set: no graph, no state, no allocation, no numbers of interest. What a program adds to this is its own.
/// </summary>
sealed class Floor
{
    const int Inputs = 784, Hidden1 = 50, Hidden2 = 100, Classes = 10;

    /// <summary>Where the time of one epoch went, in seconds.</summary>
    public sealed record Profile(double Gather, double Products, double Elementwise, double Adam, double Test)
    {
        public double Total => Gather + Products + Elementwise + Adam + Test;
    }

    /// <summary>Room for the values of one batch.</summary>
    sealed record Buffers(Tensor X, Tensor H1, Tensor H2, Tensor Z, Tensor D1, Tensor D2)
    {
        public static Buffers Of(long n, Device device)
        {
            Tensor Room(int width) => zeros(n, width, device: device);
            return new(Room(Inputs), Room(Hidden1), Room(Hidden2), Room(Classes), Room(Hidden1), Room(Hidden2));
        }
    }

    readonly Dataset data;
    readonly int batchSize;
    readonly Buffers whole;
    readonly Scalar minusOne = (-1).ToScalar();
    readonly Tensor order, flat, gradient, m, v, w1, w2, w3, b1, b2, b3, g1, g2, g3;

    public Floor(Dataset data, int batchSize)
    {
        var device = data.Train.Inputs.device;
        (this.data, this.batchSize, whole) = (data, batchSize, Buffers.Of(batchSize, device));
        order = randperm(data.Train.Count, device: device);
        var net = Mlp.Layer([Hidden1, Hidden2], Layers.Sigmoid, Classes).Fit(Inputs);
        var model = net.Init(TorchRandom.Seeded(0)).Model.To(device);
        flat = model.Flat;
        (gradient, m, v) = (zeros_like(flat), zeros_like(flat), zeros_like(flat));
        (w1, b1, w2, b2, w3, b3) = net.Views(flat) is [var v1, var c1, var v2, var c2, var v3, var c3]
            ? (v1, c1, v2, c2, v3, c3)
            : throw new UnreachableException();
        (g1, g2, g3) = net.Views(gradient) is [var d1, _, var d2, _, var d3, _] ? (d1, d2, d3) : throw new UnreachableException();
    }

    /// <summary>Runs the kernels of one epoch.</summary>
    public Profile Epoch()
    {
        using var scope = NewDisposeScope();
        var (gather, products, elementwise, adam) = (0.0, 0.0, 0.0, 0.0);
        foreach (var range in Batches.Ranges(data.Train.Count, batchSize))
        {
            using var step = NewDisposeScope();
            var (start, n) = range.GetOffsetAndLength(data.Train.Count);
            var b = First(n);
            gather += Time(() => b.X.copy_(data.Train.Inputs.index_select(0, order.narrow(0, start, n)).view(n, Inputs)).Over_(Batches.Unit));
            products += Time(() => Into(b.H1, b.X, w1.t()));
            elementwise += Time(() => b.H1.sigmoid_());
            products += Time(() => Into(b.H2, b.H1, w2.t()));
            elementwise += Time(() => b.H2.sigmoid_());
            products += Time(() => Into(b.Z, b.H2, w3.t()));
            elementwise += Time(() => b.Z.copy_(b.Z.log_softmax(1).exp_()));
            products += Time(() => Into(g3, b.Z.t(), b.H2));
            products += Time(() => Into(b.D2, b.Z, w3));
            elementwise += Time(() => Derive(b.D2, b.H2));
            products += Time(() => Into(g2, b.D2.t(), b.H1));
            products += Time(() => Into(b.D1, b.D2, w2));
            elementwise += Time(() => Derive(b.D1, b.H1));
            products += Time(() => Into(g1, b.D1.t(), b.X));
            elementwise += Time(() => _ = (b.Z.sum([0]), b.D2.sum([0]), b.D1.sum([0])));
            adam += Time(Adam);
        }
        return new(gather, products, elementwise, adam, Time(Test));
    }

    static void Into(Tensor product, Tensor a, Tensor b) => product.addmm_(a, b, beta: 0, alpha: 1);

    /// <summary>dy ← dy · (y − y²), the way back through sigmoids.</summary>
    void Derive(Tensor dy, Tensor y) => dy.mul_(y.addcmul(y, y, minusOne));

    /// <summary>Classifies the training split in batches, on raw pixels.</summary>
    public void Infer() => Forward(data.Train, logits => _ = logits.argmax(1));

    void Adam()
    {
        m.Times_(0.9).AddScaled_(gradient, 0.1);
        v.Times_(0.999).AddProduct_(gradient, gradient, 0.001);
        using var denominator = v.sqrt();
        denominator.Plus_(1e-8);
        using var rate = (-2e-4).ToScalar();
        flat.addcdiv_(m, denominator, rate);
    }

    void Test() => Forward(data.Test, _ => { });

    void Forward(Split split, Action<Tensor> use)
    {
        foreach (var range in Batches.Ranges(split.Count, batchSize))
        {
            using var step = NewDisposeScope();
            var (start, n) = range.GetOffsetAndLength(split.Count);
            var b = First(n);
            b.X.copy_(split.Inputs.narrow(0, start, n).view(n, Inputs));
            addmm_(b.H1, b1, b.X, w1);
            addmm_(b.H2, b2, b.H1.sigmoid_(), w2);
            addmm_(b.Z, b3, b.H2.sigmoid_(), w3);
            use(b.Z);
        }
        static void addmm_(Tensor into, Tensor bias, Tensor x, Tensor w) => into.copy_(bias).addmm_(x, w.t(), beta: 1, alpha: 1);
    }

    /// <summary>The buffers' first rows.</summary>
    Buffers First(long n) => n == batchSize ? whole
        : new(whole.X.narrow(0, 0, n), whole.H1.narrow(0, 0, n), whole.H2.narrow(0, 0, n),
            whole.Z.narrow(0, 0, n), whole.D1.narrow(0, 0, n), whole.D2.narrow(0, 0, n));

    static double Time(Action kernels)
    {
        var start = Stopwatch.GetTimestamp();
        kernels();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
