using static Torchlet.OnnxAttribute;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torchlet;

// Activations: elementwise functions, any shape ↦ the same.
public static partial class Layers
{
    /// <summary>σ(x) = 1 / (1 + e⁻ˣ), elementwise, in (0, 1). PyTorch: nn.Sigmoid.</summary>
    /// <remarks>Written as 1 / (1 + exp(-x)), its derivative is NaN in float32 below x = -88, where exp(-x) overflows; libtorch's function is not.</remarks>
    public static Layer Sigmoid { get; } = Elementwise("Sigmoid", x => x.sigmoid(), y => y - y.Squared());

    /// <summary>max(x, 0), elementwise. PyTorch: nn.ReLU.</summary>
    public static Layer Relu { get; } = Elementwise("Relu", x => x.relu(), y => y.sign());

    /// <summary>(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), elementwise, in (−1, 1). PyTorch: nn.Tanh.</summary>
    public static Layer Tanh { get; } = Elementwise("Tanh", x => x.tanh(), y => ones_like(y).sub_(y.Squared()));

    /// <summary>x·Φ(x) with the normal distribution's Φ, elementwise. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415; PyTorch: nn.GELU.</summary>
    public static Layer Gelu { get; } = Elementwise("Gelu", functional.gelu, export: x =>
        x.Constant(Math.Sqrt(0.5), out var root).Then("Mul", root).Then("Erf").Constant(1, out var one).Then("Add", one).Then("Mul", x.Current)
            .Constant(0.5, out var half).Then("Mul", half));

    /// <summary>x where x > 0, else eˣ − 1, elementwise. Source: Clevert et al. 2015, arXiv:1511.07289; PyTorch: nn.ELU.</summary>
    public static Layer Elu { get; } = Elementwise("Elu", x => x.Elu()); // ONNX has the same alpha, 1.

    /// <summary>
    /// λ·x where x > 0, else λ·α·(eˣ − 1), elementwise, with λ ≈ 1.0507 and α ≈ 1.6733. Source: Klambauer et al. 2017, arXiv:1706.02515; PyTorch: nn.SELU.
    /// </summary>
    public static Layer Selu { get; } = Elementwise("Selu", x => x.selu());

    static readonly LayerKind LeakyReluKind = new("LeakyRelu", [new LayerArgument("slope", 0, double.PositiveInfinity, IsWhole: false).Or(0.01)],
        (call, input) => Plain(input, input, [], (_, x) => x.LeakyRelu(call["slope"])),
        (x, layer) => x.Then("LeakyRelu", [], [new Float("alpha", layer.Call["slope"])]))
    { Function = (call, x) => x.LeakyRelu(call["slope"]), IsToldByWidths = true };

    /// <summary>
    /// x where x > 0, else slope·x, elementwise: <c>LeakyRelu</c> has the slope 0.01, <c>LeakyRelu(0.2)</c> another one. Source: Maas et al. 2013;
    /// PyTorch: nn.LeakyReLU.
    /// </summary>
    public static OfSlope LeakyRelu { get; } = slope => LeakyReluKind.Call([slope]);

    /// <summary>x·σ(x), elementwise, also called swish. Source: Elfwing et al. 2017, arXiv:1702.03118; PyTorch: nn.SiLU.</summary>
    public static Layer Silu { get; } = Elementwise("Silu", x => functional.silu(x), export: x => x.Then("Sigmoid").Then("Mul", x.Current));

    /// <summary>ln(1 + eˣ), elementwise, a smooth <see cref="Relu"/>. Source: Dugas et al. 2001; PyTorch: nn.Softplus.</summary>
    public static Layer Softplus { get; } = Elementwise("Softplus", LogOfOneAndExp);

    /// <summary>x·tanh(ln(1 + eˣ)), elementwise. Source: Misra 2019, arXiv:1908.08681; PyTorch: nn.Mish.</summary>
    public static Layer Mish { get; } = Elementwise("Mish", x => x * LogOfOneAndExp(x).tanh(),
        export: x => x.Then("Softplus").Then("Tanh").Then("Mul", x.Current)); // ONNX has Mish from operator set 18 on.

    /// <summary>min(max(x, −1), 1), elementwise. Source: Collobert 2004; PyTorch: nn.Hardtanh.</summary>
    public static Layer Hardtanh { get; } = Elementwise("Hardtanh", x => x.Hardtanh(), export: x => Clip(x, -1, 1));

    /// <summary>min(max(x + 3, 0), 6) / 6, elementwise. Source: Howard et al. 2019, arXiv:1905.02244; PyTorch: nn.Hardsigmoid.</summary>
    public static Layer Hardsigmoid { get; } = Elementwise("Hardsigmoid", x => x.hardsigmoid(),
        export: x => x.Then("HardSigmoid", [], [new Float("alpha", 1 / 6.0), new Float("beta", 0.5)]));

    /// <summary>x·min(max(x + 3, 0), 6) / 6, elementwise. Source: Howard et al. 2019, arXiv:1905.02244; PyTorch: nn.Hardswish.</summary>
    public static Layer Hardswish { get; } = Elementwise("Hardswish", x => x.hardswish(), export: x => x.Then("HardSwish"));

    /// <summary>min(max(x, 0), 6), elementwise. Source: Krizhevsky 2010; PyTorch: nn.ReLU6.</summary>
    public static Layer Relu6 { get; } = Elementwise("Relu6", x => x.relu6(), export: x => Clip(x, 0, 6));

    /// <summary>The identity as an activation, a layer of its own: it counts where layers are numbered.</summary>
    internal static Layer IdentityFunction { get; } = Elementwise("Identity", x => x.alias(), y => ones_like(y), x => x);

    extension(OfSlope)
    {
        /// <summary>The activation, then the layer.</summary>
        public static Layer operator >>(OfSlope first, Layer second) => (Layer)first >> second;

        /// <summary>The activation, then the function.</summary>
        public static Layer operator >>(OfSlope first, Func<Tensor, Tensor> second) => (Layer)first >> second;

        /// <summary>The activation applied to a tensor.</summary>
        public static Tensor operator |(Tensor x, OfSlope activation) => x | (Layer)activation;
    }

    static LayerKind[] ActivationKinds =>
    [
        LeakyReluKind, .. new[]
        {
            Sigmoid, Relu, Tanh, Gelu, Elu, Selu, Silu, Softplus, Mish, Hardtanh, Hardsigmoid, Hardswish, Relu6, IdentityFunction,
        }.Select(layer => layer.Calls[0].Kind),
    ];

    // TorchSharp's softplus leaves two Scalars to the finalizer.
    static Tensor LogOfOneAndExp(Tensor x) => x.neg().log_sigmoid().neg();

    static OnnxGraph Clip(OnnxGraph x, double least, double most) =>
        x.Constant(least, out var low).Constant(most, out var high).Then("Clip", low, high);

    /// <summary>An elementwise function.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="function">The function.</param>
    /// <param name="derivative">Its derivative as a function of its value y, if there is a short one; null for automatic differentiation.</param>
    /// <param name="export">Its nodes; the operator of its name if not given.</param>
    static Layer Elementwise(
        string name, Func<Tensor, Tensor> function, Func<Tensor, Tensor>? derivative = null, Func<OnnxGraph, OnnxGraph>? export = null) =>
        new LayerKind(name, [], (_, input) => derivative is null ? Plain(input, input, [], (_, x) => function(x)) : Pure(input, input, [], (_, x) =>
        {
            var y = function(x);
            return (y, (dy, _) => () => dy.mul_(derivative(y)));
        }), (x, _) => export is null ? x.Then(name) : export(x))
        { Function = (_, x) => function(x), IsToldByWidths = true }.Call();
}

/// <summary>An activation that takes a slope, or has its usual one.</summary>
/// <param name="slope">The factor of numbers below 0.</param>
public delegate Layer OfSlope(double slope = 0.01);
