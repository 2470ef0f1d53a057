using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TorchSharp;
using static Torchlet.LayerArgument;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torchlet;

// Layers of tokens: [tokens] of ids, or [tokens, width].
public static partial class Layers
{
    static readonly LayerKind EmbeddingKind = new("Embedding", [Count("count"), Count("width")], (call, input) =>
    {
        var (count, width) = ((long)call["count"], (long)call["width"]);
        var draws = call.Init ?? Initializer.Normal(1);
        ImmutableArray<long> output = [.. input, width];
        return Pure(input, output, [Weight(draws, [count, width], width, count)], (p, x) =>
        {
            if (x.is_floating_point()) throw new ArgumentException($"want ids, integers from 0 to {count - 1}, got {x.dtype}");
            var ids = x.to_type(ScalarType.Int64).flatten();
            try
            {
                return (p[0].index_select(0, ids).view([-1, .. output]), Back);
            }
            catch (ExternalException)
            {
                throw new ArgumentException($"want ids from 0 to {count - 1}, got {ids.min().Number()} to {ids.max().Number()}");
            }

            Func<Tensor> Back(Tensor dy, ImmutableArray<Tensor> into)
            {
                using var one = 1.ToScalar();
                into[0].zero_().index_add_(0, ids, dy.reshape(-1, width), one);
                return () => dy.new_zeros(x.shape); // Nothing depends on ids smoothly.
            }
        });
    }, Export: null)
    { TakesInitializer = true, TakesIntegers = true, Products = (layer, _) => Shapes.Count(layer.Net.Output.AsSpan()) };

    /// <summary>A row of a learned table for each id: integers of any shape ↦ [the same, width]. PyTorch: nn.Embedding, draw for draw.</summary>
    /// <param name="count">How many ids there are: 0 … count − 1.</param>
    /// <param name="width">The numbers of a row.</param>
    /// <param name="init">First values; N(0, 1), as PyTorch's, if not given.</param>
    public static Layer Embedding(int count, int width, Initializer? init = null) => EmbeddingKind.Call([count, width], init);

    static readonly LayerKind PositionalKind = new("Positional", [Count("length") with { Least = 0, Usual = _ => 0 }], (call, input) =>
    {
        if (input.Length < 2) throw Wrong("want [tokens, …]", input);
        var length = call["length"] == 0 ? input[0] : (long)call["length"];
        if (length < input[0]) throw Wrong($"want at most {length} tokens", input);
        var draws = call.Init ?? Initializer.Normal(0.02);
        return Plain(input, input, [Weight(draws, [length, .. input[1..]], Shapes.Count(input.AsSpan(1..)), length)],
            (p, x) => x.Plus(length == input[0] ? p[0] : p[0].narrow(0, 0, input[0])));
    }, (x, layer) =>
    {
        x = x.Constant(new OnnxAttribute.Ints("value_ints", [0]), out var first)
            .Constant(new OnnxAttribute.Ints("value_ints", [layer.Net.Input[0]]), out var end)
            .Aside(graph => (graph with { Current = layer.Parameters[0] }).Then("Slice", first, end), out var table);
        return x.Then("Add", table);
    })
    { TakesInitializer = true, Products = (layer, _) => Shapes.Count(layer.Net.Output.AsSpan()) };

    /// <summary>x plus a learned table of positions: [tokens, width] ↦ the same.</summary>
    /// <param name="length">Rows of the table, of which the first ones are used; as many as there are tokens if not given.</param>
    /// <param name="init">First values; N(0, 0.02²) if not given.</param>
    public static Layer Positional(int? length = null, Initializer? init = null) => PositionalKind.Call([length ?? 0], init);

    static readonly LayerKind AttentionKind = new("Attention", [Count("heads"), Flag("causal")], (call, input) =>
    {
        if (input is not [var tokens, var width]) throw Wrong("want [tokens, width]", input);
        var (heads, causal) = ((long)call["heads"], call["causal"] == 1);
        if (width % heads != 0) throw Wrong($"want a width that {heads} heads divide", input);
        if ((double)heads * tokens * tokens > Layer.MostNumbers) throw Wrong($"want at most {Layer.MostNumbers} pairs of tokens over all heads", input);
        // As nn.MultiheadAttention draws: the projection that comes out, whose bias is then 0, before those that come in.
        var bound = Math.Sqrt(6.0 / (4 * width));
        ImmutableArray<Slot> slots =
        [
            new("out_proj.weight", [width, width], random => Initializer.Default.Weight(random, [width, width], width, width)),
            new("out_proj.bias", [width], random =>
            {
                var (values, next) = Initializer.Default.Bias(random, [width], width, width);
                return (values.zero_(), next);
            }),
            new("in_proj_weight", [3 * width, width], random => random.Uniform([3 * width, width], -bound, bound)),
            Filled("in_proj_bias", [3 * width], 0),
        ];
        return Plain(input, input, slots, (p, x) =>
        {
            var parts = functional.linear(x, p[2], p[3]).view(-1, tokens, 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0);
            var y = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: causal);
            return functional.linear(y.transpose(1, 2).reshape(-1, tokens, width), p[0], p[1]);
        });
    }, Export: null)
    {
        Products = (layer, _) => (double)layer.Net.Input[0] * layer.Net.Input[1] * (4 * layer.Net.Input[1] + 2 * layer.Net.Input[0]),
    };

    /// <summary>
    /// Multi-head self-attention: softmax(Q·Kᵀ / √(width / heads))·V of each head, with Q, K and V affine in the tokens, and an affine map of all heads:
    /// [tokens, width] ↦ the same.
    /// Source: Vaswani et al. 2017, arXiv:1706.03762; PyTorch: nn.MultiheadAttention, draw for draw.
    /// </summary>
    /// <param name="heads">How many heads share the width.</param>
    /// <param name="causal">Whether a token sees only itself and those before it.</param>
    public static Layer Attention(int heads, bool causal = false) => AttentionKind.Call([heads, causal ? 1 : 0]);
}
