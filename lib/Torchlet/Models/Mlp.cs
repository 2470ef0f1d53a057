using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>An affine map x ↦ x·Wᵀ + b.</summary>
/// <param name="Weight">W: [out, in].</param>
/// <param name="Bias">b: [out].</param>
public sealed record Affine(Tensor Weight, Tensor Bias)
{
    /// <summary>x·Wᵀ + b.</summary>
    /// <param name="x">[batch, in].</param>
    /// <returns>[batch, out].</returns>
    /// <exception cref="ArgumentException">x has another width.</exception>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        return addmm(Bias, x.Want(nameof(x), -1, Weight.size(1)), Weight.t(), beta: 1, alpha: 1).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// A multilayer perceptron: affine maps with an activation between them. Its parameters are one flat vector, which an optimizer
/// updates in a few kernels, and the layers are named views over it.
/// </summary>
/// <param name="Sizes">Width of the input, of each hidden layer, and of the output: [784, 50, 100, 10].</param>
/// <param name="Activation">The function between two layers.</param>
/// <param name="Flat">W₁ row by row, b₁, W₂, b₂, …, as PyTorch orders a model's parameters: [count], float.</param>
public sealed record Mlp(ImmutableArray<int> Sizes, Func<Tensor, Tensor> Activation, Tensor Flat)
{
    /// <summary>Number of parameters: Σ (in + 1) · out.</summary>
    public static long Count(ImmutableArray<int> sizes) => LayerShapes(sizes).Sum(s => (s.In + 1L) * s.Out);

    /// <summary>The layers, as views over <see cref="Flat"/>; the caller's scope owns them.</summary>
    /// <exception cref="ArgumentException">Flat's length does not fit Sizes.</exception>
    public ImmutableArray<Affine> Layers
    {
        get
        {
            // One split, not a narrow for each: the gradient of a split is one concatenation.
            var lengths = LayerShapes(Sizes).SelectMany(s => new[] { (long)s.In * s.Out, s.Out }).ToArray();
            var parts = Flat.Want(nameof(Flat), lengths.Sum()).split(lengths, 0);
            return [.. LayerShapes(Sizes).Select((s, i) => new Affine(View(parts[2 * i], s), parts[2 * i + 1]))];
        }
    }

    /// <summary>The parameters after <c>nn.Linear</c>'s initialisation of each layer in turn.</summary>
    /// <remarks>
    /// Kaiming uniform with a = √5, that is U(−1/√in, 1/√in) for weights and biases alike. Source: He et al. 2015,
    /// arXiv:1502.01852; PyTorch's nn.Linear.reset_parameters.
    /// </remarks>
    public static (Mlp Model, TorchRandom Next) Init(TorchRandom random, ImmutableArray<int> sizes, Func<Tensor, Tensor> activation)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        foreach (var (nIn, nOut) in LayerShapes(sizes))
        {
            var gain = Math.Sqrt(2.0 / (1 + 5));
            var weightBound = Math.Sqrt(3.0) * (gain / Math.Sqrt(nIn));
            var biasBound = 1 / Math.Sqrt(nIn);
            (var weight, random) = random.Uniform([(long)nOut * nIn], -weightBound, weightBound);
            (var bias, random) = random.Uniform([nOut], -biasBound, biasBound);
            parts.AddRange([weight, bias]);
        }
        return (new(sizes, activation, cat(parts).MoveToOuterDisposeScope()), random);
    }

    /// <summary>The network with these parameters, given as numbers in the order of <see cref="Flat"/>.</summary>
    public static Mlp Of(ImmutableArray<int> sizes, ReadOnlyMemory<float> parameters, Func<Tensor, Tensor> activation) =>
        new(sizes, activation, tensor(parameters.ToArray()));

    /// <summary>Class scores before softmax.</summary>
    /// <param name="x">[batch, in], float.</param>
    /// <returns>[batch, out].</returns>
    /// <exception cref="ArgumentException">x has another width than the first layer.</exception>
    public Tensor Logits(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Forward()(x).MoveToOuterDisposeScope();
    }

    /// <summary>The function x ↦ <see cref="Logits"/>(x), for many x: it looks the layers up once, and the caller's scope owns them.</summary>
    public Func<Tensor, Tensor> Forward()
    {
        var layers = Layers;
        return x =>
        {
            using var scope = NewDisposeScope();
            var hidden = layers[..^1].Aggregate(x, (h, layer) => h | layer.Apply | Activation);
            return layers[^1].Apply(hidden).MoveToOuterDisposeScope();
        };
    }

    /// <summary>The same network with its parameters on <paramref name="device"/>.</summary>
    public Mlp To(Device device) => this with { Flat = Flat.to(device) };

    static IEnumerable<(int In, int Out)> LayerShapes(ImmutableArray<int> sizes) => sizes.Zip(sizes.Skip(1));

    static Tensor View(Tensor weight, (int In, int Out) shape)
    {
        using (weight) return weight.view(shape.Out, shape.In);
    }
}
