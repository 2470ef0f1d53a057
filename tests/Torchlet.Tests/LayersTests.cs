using TorchSharp;
using static Torchlet.Layers;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Every layer against libtorch's module, which is initialised by the same draws.</summary>
public class LayersTests
{
    /// <summary>A layer, the module that it should equal, and the shape of an example.</summary>
    sealed record Case(Layer Layer, Func<nn.Module<Tensor, Tensor>> Module, params long[] Input);

    static readonly Dictionary<string, Case> Cases = new()
    {
        ["dense"] = new(Dense(5), () => nn.Linear(6, 5), 6),
        ["dense of an image"] = new(Dense(5), () => nn.Sequential(nn.Flatten(), nn.Linear(24, 5)), 2, 3, 4),
        ["conv"] = new(Conv(4, 3), () => nn.Conv2d(2, 4, 3), 2, 7, 6),
        ["conv with stride and padding"] = new(Conv(4, 3, stride: 2, padding: 1), () => nn.Conv2d(2, 4, 3, stride: 2, padding: 1), 2, 7, 6),
        ["conv of two groups"] = new(Conv(6, 3, padding: 1, groups: 2), () => nn.Conv2d(4, 6, 3, padding: 1, groups: 2), 4, 7, 6),
        ["depthwise conv"] = new(Conv(4, 3, stride: 2, groups: 4), () => nn.Conv2d(4, 4, 3, stride: 2, groups: 4), 4, 7, 6),
        ["transposed conv"] = new(ConvTranspose(4, 3), () => nn.ConvTranspose2d(2, 4, 3), 2, 4, 3),
        ["transposed conv with stride and padding"] = new(ConvTranspose(3, 4, stride: 3, padding: 1),
            () => nn.ConvTranspose2d(2, 3, 4, stride: 3, padding: 1), 2, 4, 3),
        ["global average pool"] = new(GlobalAvgPool, () => nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), 3, 5, 4),
        ["upsample"] = new(Upsample(3), () => nn.Upsample(scale_factor: [3, 3]), 2, 3, 4),
        ["group norm"] = new(GroupNorm(2), () => Drawn(nn.GroupNorm(2, 6)), 6, 4, 3),
        ["group norm of numbers"] = new(GroupNorm(3, epsilon: 1e-3),
            () => nn.Sequential(nn.Unflatten(1, [6, 1]), Drawn(nn.GroupNorm(3, 6, eps: 1e-3)), nn.Flatten()), 6),
        ["max pool"] = new(MaxPool(2), () => nn.MaxPool2d(2), 2, 7, 6),
        ["max pool that overlaps"] = new(MaxPool(3, stride: 2), () => nn.MaxPool2d(3, stride: 2), 2, 7, 6),
        ["average pool"] = new(AvgPool(2), () => nn.AvgPool2d(2), 2, 7, 6),
        ["flatten"] = new(Flatten, () => nn.Flatten(), 2, 3, 4),
        ["batch norm of numbers"] = new(BatchNorm(), () => nn.BatchNorm1d(6), 6),
        ["batch norm of images"] = new(BatchNorm(momentum: 0.3, epsilon: 1e-3), () => nn.BatchNorm2d(2, eps: 1e-3, momentum: 0.3), 2, 4, 3),
        ["layer norm"] = new(LayerNorm(), () => nn.LayerNorm(6), 6),
        ["rms norm"] = new(RmsNorm(), () => Formula.RmsNorm([2, 3, 2], 1.1920928955078125e-7), 2, 3, 2),
        ["rms norm with epsilon"] = new(RmsNorm(0.1), () => Formula.RmsNorm([6], 0.1), 6),
        ["sigmoid"] = new(Sigmoid, () => nn.Sigmoid(), 6),
        ["relu"] = new(Relu, () => nn.ReLU(), 6),
        ["tanh"] = new(Tanh, () => nn.Tanh(), 6),
        ["gelu"] = new(Gelu, () => nn.GELU(), 6),
        ["elu"] = new(Elu, () => nn.ELU(), 6),
        ["leaky relu"] = new(LeakyRelu, () => nn.LeakyReLU(0.01), 6),
        ["leaky relu of another slope"] = new(LeakyRelu(0.2), () => nn.LeakyReLU(0.2), 6),
        ["softplus"] = new(Softplus, () => nn.Softplus(), 6),
        ["mish"] = new(Mish, () => nn.Mish(), 6),
        ["selu"] = new(Selu, () => nn.SELU(), 6),
        ["hardtanh"] = new(Hardtanh, () => Formula.Hardtanh(), 6),
        ["hardsigmoid"] = new(Hardsigmoid, () => nn.Hardsigmoid(), 6),
        ["hardswish"] = new(Hardswish, () => nn.Hardswish(), 6),
        ["relu6"] = new(Relu6, () => nn.ReLU6(), 6),
        ["activations after a layer"] = new(Dense(8) >> Softplus >> Mish >> Selu >> Hardswish >> LeakyRelu(0.2) >> Dense(3),
            () => nn.Sequential(nn.Linear(6, 8), nn.Softplus(), nn.Mish(), nn.SELU(), nn.Hardswish(), nn.LeakyReLU(0.2), nn.Linear(8, 3)), 6),
        ["hardtanh after a layer"] = new(Dense(8) >> Hardtanh, () => Formula.Hardtanh(nn.Linear(6, 8)), 6),
        ["hardsigmoid after a layer"] = new(Dense(8) >> Hardsigmoid, () => nn.Sequential(nn.Linear(6, 8), nn.Hardsigmoid()), 6),
        ["relu6 after a layer"] = new(Dense(8) >> Relu6, () => nn.Sequential(nn.Linear(6, 8), nn.ReLU6()), 6),
        ["silu"] = new(Silu, () => nn.SiLU(), 6),
        ["identity"] = new(Identity, () => nn.Identity(), 6),
        ["a perceptron"] = new(Dense(5) >> Sigmoid >> Dense(4) >> Tanh >> Dense(3),
            () => nn.Sequential(nn.Linear(6, 5), nn.Sigmoid(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)), 6),
        ["a small convolutional net"] = new(Conv(3, 3) >> BatchNorm() >> Relu >> MaxPool(2) >> Flatten >> Dense(4),
            () => nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 4)), 2, 7, 6),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void It_draws_computes_and_differentiates_as_libtorchs_module(string name)
    {
        using var scope = NewDisposeScope();
        var (model, module, x) = Both(Cases[name]);
        var parameters = module.parameters().ToList();
        Assert.Equal(parameters.Select(p => string.Join(',', p.shape)), model.Net.Parameters.Select(s => string.Join(',', s.Shape)));
        foreach (var (want, (_, got)) in parameters.Zip(model.Named)) Tensors.AssertClose(want.detach(), got, 0);

        var want_y = module.call(x);
        var weights = Tensors.Normal(9, want_y.shape); // So that the derivative is another one in each place.
        if (parameters.Count > 0) (want_y * weights).sum().backward();
        Tensor Loss(Tensor y, Tensor _) => (y * weights).flatten(1).sum(1);
        var passed = model.Net.Forward(model.Net.Views(model.Flat), model.State, x, Pass.Training(TorchRandom.Seeded(0)));
        Assert.Equal([x.size(0), .. model.Net.Output], passed.Y.shape);
        Tensors.AssertClose(want_y.detach(), passed.Y, 1e-5);
        if (parameters.Count == 0) return;

        var (sum, gradient, _, _) = Backpropagation.ValueAndGrad(model, new(x, zeros(x.size(0))), Loss, Pass.Training(TorchRandom.Seeded(0)));
        Tensors.AssertClose((want_y.detach() * weights).sum(), sum, 1e-4);
        Tensors.AssertClose(cat([.. parameters.Select(p => p.grad!.flatten())]), gradient, 1e-4);
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_state_after_ten_steps_and_its_evaluation_are_those_of_libtorchs_module(string name)
    {
        using var scope = NewDisposeScope();
        var (model, module, x) = Both(Cases[name]);
        for (var step = 0; step < 10; step++)
        {
            var batch = x * (step + 1) - step;
            module.call(batch);
            model = model with { State = model.Net.Forward(model.Net.Views(model.Flat), model.State, batch, Pass.Training(TorchRandom.Seeded(0))).State };
        }
        var buffers = module.named_buffers().Where(b => !b.name.EndsWith("num_batches_tracked")).ToList();
        Assert.Equal(buffers.Count, model.State.Length);
        foreach (var ((_, want), got) in buffers.Zip(model.State)) Tensors.AssertClose(want, got, 1e-5);
        module.eval();
        Tensors.AssertClose(module.call(x).detach(), model.Apply(x), 1e-5);
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_gradient_is_the_central_difference_in_float64(string name)
    {
        using var scope = NewDisposeScope();
        var (drawn, _, x32) = Both(Cases[name]);
        if (drawn.Net is { Count: 0, HasPullback: false }) return; // Nothing of ours: libtorch differentiates it.
        var (model, x) = (drawn with { Flat = Double(drawn.Flat), State = [.. drawn.State.Select(Double)] }, Double(x32));
        var weights = Double(Tensors.Normal(9, [x.size(0), .. model.Net.Output]));
        var pass = Pass.Training(TorchRandom.Seeded(0));
        double At(Tensor flat, Tensor input) => (model.Net.Forward(model.Net.Views(flat), model.State, input, pass).Y * weights).sum().item<double>();

        var gradient = Backpropagation.ValueAndGrad(model, new(x, zeros(x.size(0))), (y, _) => (y * weights).flatten(1).sum(1), pass).Gradient;
        Assert.Equal(model.Net.Count, gradient.shape[0]);
        for (var i = 0; i < model.Flat.shape[0]; i += 1 + (int)model.Flat.shape[0] / 40)
        {
            var bump = zeros_like(model.Flat);
            bump[i] = tensor(1e-5, ScalarType.Float64);
            Assert.Equal((At(model.Flat + bump, x) - At(model.Flat - bump, x)) / 2e-5, gradient[i].item<double>(), 1e-5);
        }
        if (!model.Net.HasPullback) return;

        // And back to the input, which only a layer before it asks for.
        var passed = model.Net.Forward(model.Net.Views(model.Flat), model.State, x, pass);
        var dx = passed.Pullback!(weights.clone(), model.Net.Views(empty_like(model.Flat)))().flatten();
        for (var i = 0; i < dx.shape[0]; i += 1 + (int)dx.shape[0] / 20)
        {
            var bump = zeros_like(x).flatten();
            bump[i] = tensor(1e-5, ScalarType.Float64);
            Assert.Equal((At(model.Flat, x + bump.view_as(x)) - At(model.Flat, x - bump.view_as(x))) / 2e-5, dx[i].item<double>(), 1e-5);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void What_it_is_given_stays_as_it_was(string name)
    {
        using var scope = NewDisposeScope();
        var (model, _, x) = Both(Cases[name]);
        Tensor[] given = [x, .. model.Tensors];
        var before = given.Select(t => t.clone()).ToList();
        if (model.Net.Count > 0)
            Backpropagation.ValueAndGrad(model, new(x, zeros(x.size(0))), (y, _) => y.square().flatten(1).sum(1), Pass.Training(TorchRandom.Seeded(0)));
        model.Apply(x).Dispose();
        foreach (var (want, got) in before.Zip(given)) Tensors.AssertClose(want, got, 0);
    }

    [Fact]
    public void Dropout_drops_what_libtorchs_module_drops_and_nothing_in_evaluation()
    {
        using var scope = NewDisposeScope();
        var (x, layer) = (Tensors.Normal(1, 40, 30), Dropout(0.3).Fit(30));
        random.manual_seed(5);
        var module = nn.Dropout(0.3);
        var (first, second) = (module.call(x), module.call(x));
        var one = layer.Forward([], [], x, Pass.Training(TorchRandom.Seeded(5)));
        var two = layer.Forward([], [], x, one.Pass);
        Tensors.AssertClose(first, one.Y, 0);
        Tensors.AssertClose(second, two.Y, 0);
        Tensors.AssertClose(ones_like(x) * one.Y / x, one.Pullback!(ones_like(x), [])(), 1e-6);
        Tensors.AssertClose(x, layer.Forward([], [], x, Pass.Evaluation).Y, 0);
    }

    [Fact]
    public void A_residual_layer_adds_what_it_is_given_in_both_directions()
    {
        using var scope = NewDisposeScope();
        var (block, x) = (Residual(Dense(6) >> Tanh), Tensors.Normal(1, 8, 6));
        var (model, _) = (block >> Dense(2)).Fit(6).Init(TorchRandom.Seeded(1));
        var batch = new Batch(x, Tensors.Labels(2, 8, 2));
        var (weight, bias) = (model.Named.First().Values, model.Named.Skip(1).First().Values);
        var hidden = x + nn.functional.linear(x, weight, bias).tanh();
        Tensors.AssertClose(nn.functional.linear(hidden, model.Named.Skip(2).First().Values, model.Named.Last().Values), model.Apply(x), 1e-6);

        var own = (Residual(Dense(6) >> (t => t.tanh())) >> Dense(2)).Fit(6); // A function without a derivative: the automatic way.
        Assert.Equal((true, false), (model.Net.HasPullback, own.HasPullback));
        Tensors.AssertClose(Backpropagation.ValueAndGrad(model with { Net = own }, batch, Losses.CrossEntropy).Gradient,
            Backpropagation.ValueAndGrad(model, batch, Losses.CrossEntropy).Gradient, 1e-5);
    }

    [Fact]
    public void Composition_is_associative_and_has_an_identity()
    {
        var (a, b, c) = (Dense(5), Sigmoid, Dense(3));
        Assert.Equal(((a >> b) >> c).Text, (a >> (b >> c)).Text);
        Assert.Equal(((a >> b) >> c).Fit(4).Parameters.Select(s => s.Name), (a >> (b >> c)).Fit(4).Parameters.Select(s => s.Name));
        Assert.Equal(a.Text, (Identity >> a).Text);
        Assert.Equal(a.Text, (a >> Identity).Text);
    }

    [Fact]
    public void Parameters_are_named_as_a_sequential_module_numbers_them_or_as_given()
    {
        var net = (Conv(2, 3).As("first") >> Relu >> BatchNorm() >> Flatten >> Residual(Dense(8).As("inner") >> Identity) >> Dense(1)).Fit(1, 4, 4);
        Assert.Equal(["first.weight", "first.bias", "2.weight", "2.bias", "4.inner.weight", "4.inner.bias", "5.weight", "5.bias"],
            net.Parameters.Select(s => s.Name));
        Assert.Equal(["2.running_mean", "2.running_var"], net.State.Select(s => s.Name));
        Assert.Contains("two tensors have the name a.weight", Assert.Throws<ArgumentException>(() => (Dense(2).As("a") >> Dense(2).As("a")).Fit(2)).Message);
    }

    [Theory]
    [InlineData("layer 0, Conv(2, 3): want [channels, height, width], got [784]", 784)]
    [InlineData("layer 0, Conv(2, 3): want at least 3 rows and columns, got 2", 1, 2, 9)]
    public void A_misfit_names_the_layer_what_it_wanted_and_what_came(string message, params int[] input) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => (Conv(2, 3) >> Relu).Fit([.. input.Select(n => (long)n)])).Message);

    [Fact]
    public void More_misfits()
    {
        static string Message(Layer layer, params long[] input) => Assert.Throws<ArgumentException>(() => layer.Fit([.. input])).Message;
        Assert.Equal("layer 1, Residual(Dense(3)): want an output of the input's shape, [4], got [3]", Message(Dense(4) >> Residual(Dense(3)), 2));
        Assert.Contains("want [channels] or [channels, height, width], got [2, 3]", Message(BatchNorm(), 2, 3));
        Assert.Contains("want a function that keeps the first axis, of length 2, got [8]", Message(Function(x => x.flatten()), 4));
        Assert.Throws<ArgumentException>(() => Dropout(1));
        Assert.Throws<ArgumentException>(() => Dense(0));
    }

    static Tensor Swish(Tensor x) => x * x.sigmoid();

    [Fact]
    public void A_custom_function_is_a_layer_and_recorded_as_own()
    {
        using var scope = NewDisposeScope();
        var layer = Dense(3) >> Swish >> Dense(2);
        Assert.Equal("Dense(3) >> own(Swish) >> Dense(2)", layer.Text);
        Assert.Equal([2], layer.Fit(4).Output);
        Assert.False(layer.Fit(4).HasPullback);
        Assert.Equal("own()", Function(x => x * 2).Text);
    }

    [Theory]
    [InlineData("He", 0, 0.0447), InlineData("Xavier", 0, 0.0426), InlineData("Normal(0.01)", 0, 0.01), InlineData("Zeros", 0, 0)]
    public void Initializers_draw_with_the_deviation_that_they_promise(string text, double mean, double deviation)
    {
        using var scope = NewDisposeScope();
        var layer = (Layer)LayerText.Parse($"Dense(100, init: {text})");
        var model = layer.Fit(1000).Init(TorchRandom.Seeded(1)).Model;
        var weight = model.Named.First().Values;
        Assert.Equal(mean, weight.mean().item<float>(), 0.001);
        Assert.Equal(deviation, weight.std().item<float>(), 0.001);
        Tensors.AssertClose(zeros(100), model.Named.Last().Values, 0);
        Assert.Contains($"init: {text}", layer.Text);
    }

    /// <summary>TorchSharp's constructor leaves these as the memory was.</summary>
    static TorchSharp.Modules.GroupNorm Drawn(TorchSharp.Modules.GroupNorm norm)
    {
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        return norm;
    }

    /// <summary>Modules by their formulas: TorchSharp 0.107 has no nn.RMSNorm, and its nn.Hardtanh returns what it is given.</summary>
    sealed class Formula : nn.Module<Tensor, Tensor>
    {
        readonly Func<Tensor, Tensor> function;

        Formula(IEnumerable<TorchSharp.Modules.Parameter> parameters, Func<Tensor, Tensor> function) : base(nameof(Formula))
        {
            this.function = function;
            foreach (var (i, parameter) in parameters.Index()) register_parameter($"{i}", parameter);
        }

        public static Formula Hardtanh() => new([], x => x.clamp(-1, 1));

        public static Formula Hardtanh(TorchSharp.Modules.Linear before) =>
            new([(TorchSharp.Modules.Parameter)before.weight, (TorchSharp.Modules.Parameter)before.bias!], x => before.call(x).clamp(-1, 1));

        public static Formula RmsNorm(long[] shape, double epsilon)
        {
            var weight = new TorchSharp.Modules.Parameter(ones(shape));
            return new([weight], x => x / (x.pow(2).flatten(1).mean([1]) + epsilon).sqrt().view([-1, .. shape.Select(_ => 1L)]) * weight);
        }

        public override Tensor forward(Tensor x) => function(x);
    }

    static (Model Model, nn.Module<Tensor, Tensor> Module, Tensor X) Both(Case c)
    {
        random.manual_seed(7);
        var module = c.Module();
        module.train();
        return (c.Layer.Fit([.. c.Input]).Init(TorchRandom.Seeded(7)).Model, module, Tensors.Normal(3, [5, .. c.Input]));
    }

    static Tensor Double(Tensor x) => x.to_type(ScalarType.Float64);
}
