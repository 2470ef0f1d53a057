using System.Collections.Immutable;
using System.Runtime.InteropServices;
using static Torchlet.LayerArgument;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torchlet;

// Layers of sequences: [steps, numbers], or [tokens] of ids.
public static partial class Layers
{
    static readonly LayerKind RecurrentKind = new("Recurrent", [Flag("sequence"), Flag("bidirectional")], (call, input) =>
    {
        if (input is not [<= MostSteps and var steps, var width]) throw Wrong($"want [steps, numbers] of at most {MostSteps} steps", input);
        if (call.Inner[0].Calls is not [{ Kind.Cell: { } cell } one]) throw new ArgumentException($"want a cell, such as Lstm(64), got {call.Inner[0].Text}");
        var (units, sequence) = ((long)one["units"], call["sequence"] == 1);
        ImmutableArray<string> directions = call["bidirectional"] == 1 ? ["_l0", "_l0_reverse"] : ["_l0"];
        var (bound, most) = (1 / Math.Sqrt(units), units * directions.Length);
        var numbers = (double)steps * units * cell.Gates;
        if (numbers > Layer.MostNumbers) throw new ArgumentException($"want at most {Layer.MostNumbers} numbers in its steps, got {numbers}");
        ImmutableArray<Slot> slots = [.. directions.SelectMany(direction => (Slot[])
        [
            Uniform("weight_ih" + direction, cell.Gates * units, width), Uniform("weight_hh" + direction, cell.Gates * units, units),
            Uniform("bias_ih" + direction, cell.Gates * units), Uniform("bias_hh" + direction, cell.Gates * units),
        ])];
        return Plain(input, sequence ? [steps, most] : [most], slots, (p, x) =>
        {
            // The products with the inputs, of all steps at once.
            var rows = x.transpose(0, 1).reshape(-1, width);
            var ways = p.Chunk(4).Select((own, way) => Steps(cell, own, rows, steps, isBackward: way == 1, sequence)).ToArray();
            return ways is [var only] ? only : cat(ways, -1);
        });

        Slot Uniform(string name, params ImmutableArray<long> shape) => new(name, shape, random => random.Uniform(shape.AsSpan(), -bound, bound));
    }, Export: null)
    {
        InnerLayers = 1,
        Products = (layer, _) => layer.Net.Input[0] * layer.Net.Parameters.Where(Slot.IsWeight).Sum(slot => (double)slot.Count),
    };

    // Each takes dozens of kernels.
    const long MostSteps = 10_000;

    /// <summary>
    /// A cell from step to step of a sequence, from a state of zeros: [steps, numbers] ↦ [units], the state after the last step, or [steps, units].
    /// Two directions are joined: [2·units], the state after the last step and that after the first one, or [steps, 2·units].
    /// PyTorch: nn.RNN, nn.LSTM and nn.GRU of one layer, draw for draw, with their names of weights; the last state is their h_n.
    /// </summary>
    /// <example><c>Recurrent(Lstm(128)) >> Dense(10)</c></example>
    /// <param name="cell"><see cref="Rnn"/>, <see cref="Lstm"/> or <see cref="Gru"/>.</param>
    /// <param name="sequence">Whether the states after all steps come out, and not only the last one.</param>
    /// <param name="bidirectional">Whether another cell of the kind goes from the last step to the first one.</param>
    public static Layer Recurrent(Layer cell, bool sequence = false, bool bidirectional = false) =>
        RecurrentKind.Call([sequence ? 1 : 0, bidirectional ? 1 : 0], inner: cell);

    static readonly LayerKind RnnKind = new RecurrentCell(Gates: 1, States: 1, AddsBiases: true, (x, state, w, _) =>
        [addmm(x, state[0], w, beta: 1, alpha: 1).tanh()]).Kind("Rnn");

    /// <summary>The simple cell of <see cref="Recurrent"/>: h ← tanh(W·x + U·h + b). Source: Elman 1990; PyTorch: nn.RNN.</summary>
    /// <param name="units">How many numbers a state has.</param>
    public static Layer Rnn(int units) => RnnKind.Call([units]);

    static readonly LayerKind LstmKind = new RecurrentCell(Gates: 4, States: 2, AddsBiases: true, (x, state, w, _) =>
    {
        var gates = addmm(x, state[0], w, beta: 1, alpha: 1).chunk(4, 1);
        var c = (gates[1].sigmoid() * state[1]).AddProduct_(gates[0].sigmoid(), gates[2].tanh(), 1);
        return [gates[3].sigmoid() * c.tanh(), c];
    }).Kind("Lstm");

    /// <summary>
    /// The long short-term memory, a cell of <see cref="Recurrent"/>: c ← f·c + i·g, h ← o·tanh(c), with i, f, o = σ(…) and g = tanh(…) of inputs and h.
    /// Source: Hochreiter and Schmidhuber 1997; PyTorch: nn.LSTM.
    /// </summary>
    /// <inheritdoc cref="Rnn"/>
    public static Layer Lstm(int units) => LstmKind.Call([units]);

    static readonly LayerKind GruKind = new RecurrentCell(Gates: 3, States: 1, AddsBiases: false, (x, state, w, bias) =>
    {
        var (fromInput, fromState) = (x.chunk(3, 1), addmm(bias, state[0], w, beta: 1, alpha: 1).chunk(3, 1));
        var (reset, keep) = (fromInput[0].Plus(fromState[0]).sigmoid(), fromInput[1].Plus(fromState[1]).sigmoid());
        return [fromInput[2].Plus(reset * fromState[2]).tanh().lerp(state[0], keep)];
    }).Kind("Gru");

    /// <summary>
    /// The gated recurrent unit, a cell of <see cref="Recurrent"/>: h ← (1 − z)·n + z·h, with z, r = σ(…) and n = tanh(W·x + r·(U·h + b)).
    /// Source: Cho et al. 2014, arXiv:1406.1078; PyTorch: nn.GRU.
    /// </summary>
    /// <inheritdoc cref="Rnn"/>
    public static Layer Gru(int units) => GruKind.Call([units]);

    static readonly LayerKind EmbeddingKind = new("Embedding", [Count("count"), Count("width")], (call, input) =>
    {
        var (count, width) = ((long)call["count"], (long)call["width"]);
        var draws = call.Init ?? Initializer.Normal(1);
        ImmutableArray<long> output = [.. input, width];
        return Plain(input, output, [Weight(draws, [count, width], width, count)], (p, x) =>
        {
            if (x.is_floating_point()) throw new ArgumentException($"want ids, integers from 0 to {count - 1}, got {x.dtype}");
            var ids = x.to_type(ScalarType.Int64).flatten();
            try
            {
                return p[0].index_select(0, ids).view([-1, .. output]);
            }
            catch (ExternalException)
            {
                throw new ArgumentException($"want ids from 0 to {count - 1}, got {ids.min().Number()} to {ids.max().Number()}");
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

    /// <summary>The states after all steps, [batch, steps, units], or that after the last one, [batch, units].</summary>
    static Tensor Steps(RecurrentCell cell, Tensor[] p, Tensor rows, long steps, bool isBackward, bool sequence)
    {
        var (w, bias) = (p[1].t(), p[3]);
        var inputs = addmm(cell.AddsBiases ? p[2].Plus(bias) : p[2], rows, p[0].t(), beta: 1, alpha: 1).view(steps, -1, p[0].size(0)).unbind(0);
        var state = Enumerable.Range(0, cell.States).Select(_ => rows.new_zeros(inputs[0].size(0), w.size(0))).ToArray();
        var hidden = new Tensor[steps];
        for (var i = 0; i < steps; i++)
        {
            var t = isBackward ? steps - 1 - i : i;
            var next = Step(inputs[t], state);
            foreach (var old in sequence ? state.Skip(1) : state) old.Dispose();
            (state, hidden[t]) = (next, next[0]);
        }
        return sequence ? stack(hidden, 1) : state[0];

        Tensor[] Step(Tensor x, Tensor[] before)
        {
            using var scope = NewDisposeScope(); // In evaluation only the states of a step are of use afterwards.
            var after = cell.Step(x, before, w, bias);
            foreach (var tensor in after) tensor.MoveToOuterDisposeScope();
            return after;
        }
    }
}

/// <summary>A cell of <see cref="Layers.Recurrent"/>.</summary>
/// <param name="Gates">How many sums of inputs and state a unit has.</param>
/// <param name="States">How many tensors it hands on: its output, and what only the cell sees.</param>
/// <param name="AddsBiases">Whether its two biases are only ever added up.</param>
/// <param name="Step">(what the inputs give [batch, gates · units], the states, the weight of the state, its bias) ↦ the next states.</param>
sealed record RecurrentCell(int Gates, int States, bool AddsBiases, Func<Tensor, Tensor[], Tensor, Tensor, Tensor[]> Step)
{
    /// <summary>The cell as a layer inside Recurrent.</summary>
    public LayerKind Kind(string name) => new(name, [Count("units")], (call, _) => throw new ArgumentException(
        $"want it inside Recurrent({call.Text})"), Export: null)
    { Cell = this };
}
