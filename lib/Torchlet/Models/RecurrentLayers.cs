using System.Collections.Immutable;
using static Torchlet.LayerArgument;
using static TorchSharp.torch;

namespace Torchlet;

// Layers that go through a sequence step by step: [steps, numbers].
public static partial class Layers
{
    // Each takes dozens of kernels.
    const long MostSteps = 10_000;

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
        return new(input, sequence ? [steps, most] : [most], slots, [], (p, state, x, pass) =>
        {
            var rows = x.transpose(0, 1).reshape(-1, width);
            var ways = p.Chunk(4).Select((own, way) => new RecurrentPass(cell, [.. own], rows, (int)steps, way == 1)).ToArray();
            var passed = ways.Select(way => way.Forward(isKept: pass.IsTraining)).ToArray();
            var outputs = ways.Zip(passed, (way, steps) => sequence ? stack([.. steps.Select(step => step.After[0])], 1) : steps[way.Last].After[0]).ToArray();
            return new(outputs is [var only] ? only : cat(outputs, -1), state, pass, (dy, into) =>
            {
                var pulled = ways.Select((way, i) => way.Back(
                    pass.IsTraining ? passed[i] : way.Forward(isKept: true), dy.narrow(-1, i * units, units), into.Slice(4 * i, 4))).ToArray();
                return () => pulled.Select(dx => dx()).Aggregate((one, other) => one.Plus(other)).view(steps, -1, width).transpose(0, 1);
            });
        })
        { HasPullback = true };

        Slot Uniform(string name, params ImmutableArray<long> shape) => new(name, shape, random => random.Uniform(shape.AsSpan(), -bound, bound));
    }, Export: null)
    {
        InnerLayers = 1,
        Products = (layer, _) => layer.Net.Input[0] * layer.Net.Parameters.Where(Slot.IsWeight).Sum(slot => (double)slot.Count),
    };

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

    static readonly LayerKind RnnKind = new RecurrentCell(Gates: 1, States: 1, AddsBiases: true, (x, before, w, _) =>
        new(before, [addmm(x, before[0], w, beta: 1, alpha: 1).tanh()]), (d, step) =>
        new(ThroughTanh(d[0], step.After[0]))).Kind("Rnn");

    /// <summary>The simple cell of <see cref="Recurrent"/>: h ← tanh(W·x + U·h + b). Source: Elman 1990; PyTorch: nn.RNN.</summary>
    /// <param name="units">How many numbers a state has.</param>
    public static Layer Rnn(int units) => RnnKind.Call([units]);

    static readonly LayerKind LstmKind = new RecurrentCell(Gates: 4, States: 2, AddsBiases: true, (x, before, w, _) =>
    {
        var gates = addmm(x, before[0], w, beta: 1, alpha: 1).chunk(4, 1);
        var (i, f, g, o) = (gates[0].sigmoid(), gates[1].sigmoid(), gates[2].tanh(), gates[3].sigmoid());
        var c = (f * before[1]).AddProduct_(i, g, 1);
        var t = c.tanh();
        return new(before, [o * t, c], i, f, g, o, t);
    }, (d, step) =>
    {
        var (i, f, g, o, t) = (step.Kept[0], step.Kept[1], step.Kept[2], step.Kept[3], step.Kept[4]);
        var dc = ThroughTanh(d[0] * o, t).Plus_(d[1]);
        return new(
            cat([ThroughSigmoid(dc * g, i), ThroughSigmoid(dc * step.Before[1], f), ThroughTanh(dc * i, g), ThroughSigmoid(d[0] * t, o)], 1))
        { Others = [dc * f] };
    }).Kind("Lstm");

    /// <summary>
    /// The long short-term memory, a cell of <see cref="Recurrent"/>: c ← f·c + i·g, h ← o·tanh(c), with i, f, o = σ(…) and g = tanh(…) of inputs and h.
    /// Source: Hochreiter and Schmidhuber 1997; PyTorch: nn.LSTM.
    /// </summary>
    /// <inheritdoc cref="Rnn"/>
    public static Layer Lstm(int units) => LstmKind.Call([units]);

    static readonly LayerKind GruKind = new RecurrentCell(Gates: 3, States: 1, AddsBiases: false, (x, before, w, bias) =>
    {
        var (fromInput, fromState) = (x.chunk(3, 1), addmm(bias, before[0], w, beta: 1, alpha: 1).chunk(3, 1));
        var (reset, keep) = (fromInput[0].Plus(fromState[0]).sigmoid(), fromInput[1].Plus(fromState[1]).sigmoid());
        var n = fromInput[2].Plus(reset * fromState[2]).tanh();
        return new(before, [n.lerp(before[0], keep)], reset, keep, n, fromState[2]);
    }, (d, step) =>
    {
        var (reset, keep, n, fromState) = (step.Kept[0], step.Kept[1], step.Kept[2], step.Kept[3]);
        var dKeep = ThroughSigmoid(d[0] * step.Before[0].Plus(n, -1), keep);
        var dn = ThroughTanh(d[0].Plus(d[0] * keep, -1), n);
        var dReset = ThroughSigmoid(dn * fromState, reset);
        return new(cat([dReset, dKeep, dn], 1)) { Sums = cat([dReset, dKeep, dn * reset], 1), Output = d[0] * keep };
    }).Kind("Gru");

    /// <summary>
    /// The gated recurrent unit, a cell of <see cref="Recurrent"/>: h ← (1 − z)·n + z·h, with z, r = σ(…) and n = tanh(W·x + r·(U·h + b)).
    /// Source: Cho et al. 2014, arXiv:1406.1078; PyTorch: nn.GRU.
    /// </summary>
    /// <inheritdoc cref="Rnn"/>
    public static Layer Gru(int units) => GruKind.Call([units]);

    /// <summary>dy·(1 − y²), a new tensor.</summary>
    static Tensor ThroughTanh(Tensor dy, Tensor y) => dy.clone().AddProduct_(dy * y, y, -1);

    /// <summary>dy·y·(1 − y), a new tensor.</summary>
    static Tensor ThroughSigmoid(Tensor dy, Tensor y)
    {
        var d = dy * y;
        return d.AddProduct_(d, y, -1);
    }
}

/// <summary>A cell of <see cref="Layers.Recurrent"/>.</summary>
/// <param name="Gates">How many sums of inputs and state a unit has.</param>
/// <param name="States">How many tensors it hands on: its output, and what only the cell sees.</param>
/// <param name="AddsBiases">Whether its two biases are only ever added up.</param>
/// <param name="Step">(what the inputs give [batch, gates · units], the states before, the weight of the state, its bias) ↦ the step.</param>
/// <param name="Back">Its derivative: (∂loss/∂ the states after a step, the step) ↦ the gradients before it.</param>
sealed record RecurrentCell(
    int Gates, int States, bool AddsBiases, Func<Tensor, Tensor[], Tensor, Tensor, CellStep> Step, Func<Tensor[], CellStep, CellGradient> Back)
{
    /// <summary>The cell as a layer inside Recurrent.</summary>
    public LayerKind Kind(string name) => new(name, [Count("units")], (call, _) => throw new ArgumentException(
        $"want it inside Recurrent({call.Text})"), Export: null)
    { Cell = this };
}

/// <summary>A step of a cell: its states before and after it, and what its derivative needs besides.</summary>
readonly record struct CellStep(Tensor[] Before, Tensor[] After, params Tensor[] Kept);

/// <summary>Gradients before a step of a cell.</summary>
/// <param name="Inputs">∂loss/∂ what the inputs give, [batch, gates · units].</param>
readonly record struct CellGradient(Tensor Inputs)
{
    /// <summary>∂loss/∂ what the state gives, if it is another.</summary>
    public Tensor? Sums { get; init; }

    /// <summary>∂loss/∂ the output before the step, without what passes through its product; null for nothing.</summary>
    public Tensor? Output { get; init; }

    /// <summary>∂loss/∂ the other states before the step.</summary>
    public Tensor[] Others { get; init; } = [];
}

/// <summary>A cell along a sequence, in one direction.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="P">Weights of inputs and state, and the bias of each.</param>
/// <param name="Rows">The inputs, step after step: [steps · batch, numbers]. Their products are one for all steps.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="IsBackward">Whether it goes from the last step to the first one.</param>
sealed record RecurrentPass(RecurrentCell Cell, ImmutableArray<Tensor> P, Tensor Rows, int Steps, bool IsBackward)
{
    /// <summary>The place of the step that comes last.</summary>
    public int Last => IsBackward ? 0 : Steps - 1;

    /// <summary>The steps by their places.</summary>
    /// <param name="isKept">Whether they are wanted with what the derivative needs.</param>
    public CellStep[] Forward(bool isKept)
    {
        var (w, bias) = (P[1].t(), P[3]);
        var inputs = addmm(Cell.AddsBiases ? P[2].Plus(bias) : P[2], Rows, P[0].t(), beta: 1, alpha: 1).view(Steps, -1, P[0].size(0)).unbind(0);
        var (steps, state) = (new CellStep[Steps], Zeros(Cell.States, inputs[0].size(0)));
        for (var i = 0; i < Steps; i++)
        {
            var t = IsBackward ? Steps - 1 - i : i;
            var step = Step(inputs[t], state);
            if (!isKept) foreach (var old in state[1..]) old.Dispose();
            (state, steps[t]) = (step.After, step);
        }
        return steps;

        CellStep Step(Tensor x, Tensor[] before)
        {
            using var scope = NewDisposeScope();
            var step = Cell.Step(x, before, w, bias);
            foreach (var tensor in isKept ? [.. step.After, .. step.Kept] : step.After) tensor.MoveToOuterDisposeScope();
            return step;
        }
    }

    /// <summary>Writes the gradients of the parameters, and returns a function to that of <see cref="Rows"/>.</summary>
    /// <param name="steps">The steps, with what the derivative needs.</param>
    /// <param name="dy">∂loss/∂ the outputs of all steps, [batch, steps, units], or of the last one, [batch, units].</param>
    /// <param name="into">A view for each parameter.</param>
    public Func<Tensor> Back(CellStep[] steps, Tensor dy, ImmutableArray<Tensor> into)
    {
        var ofAll = dy.ndim == 3;
        var (gradients, d) = (new CellGradient[Steps], Zeros(Cell.States, dy.size(0)));
        if (!ofAll) d[0] = dy;
        for (var i = 0; i < Steps; i++)
        {
            var t = IsBackward ? i : Steps - 1 - i;
            using var scope = NewDisposeScope();
            if (ofAll) d[0] = d[0].Plus(dy.select(1, t));
            var gradient = gradients[t] = Cell.Back(d, steps[t]);
            var output = (gradient.Sums ?? gradient.Inputs).mm(P[1]);
            d = [gradient.Output is { } more ? output.Plus_(more) : output, .. gradient.Others];
            foreach (var tensor in (Tensor?[])[gradient.Inputs, gradient.Sums, .. d]) tensor?.MoveToOuterDisposeScope();
        }
        var ofInputs = cat([.. gradients.Select(gradient => gradient.Inputs)]);
        var ofSums = Cell.AddsBiases ? ofInputs : cat([.. gradients.Select(gradient => gradient.Sums!)]);
        into[0].addmm_(ofInputs.t(), Rows, beta: 0, alpha: 1);
        into[1].addmm_(ofSums.t(), cat([.. steps.Select(step => step.Before[0])]), beta: 0, alpha: 1);
        into[2].copy_(ofInputs.sum([0]));
        into[3].copy_(ofSums.sum([0]));
        return () => ofInputs.mm(P[0]);
    }

    Tensor[] Zeros(int count, long batch) => [.. Enumerable.Range(0, count).Select(_ => Rows.new_zeros(batch, P[1].size(1)))];
}
