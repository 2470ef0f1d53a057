using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The loss of a model on a batch, and its gradient.</summary>
public static class Backpropagation
{
    /// <summary>The text of the usual <see cref="Differentiate"/> function.</summary>
    internal const string Usual = "backpropagation";

    /// <summary>
    /// The sum of the losses and the gradient of their reduction. If every layer brings its pullback, the gradient is the fold of the pullbacks from
    /// the last layer to the first; otherwise automatic differentiation finds it. Source: Rumelhart, Hinton and Williams 1986.
    /// </summary>
    /// <param name="model">The model; untouched.</param>
    /// <param name="batch">The examples, as the model takes them.</param>
    /// <param name="loss">The loss of each example.</param>
    /// <param name="pass">Training or evaluation, and the generator.</param>
    /// <param name="reduction">Whether the gradient is of the losses' sum or mean.</param>
    /// <exception cref="ArgumentException">
    /// The batch has another shape than the model's input, or the loss returned something else than one number an example.
    /// </exception>
    [Named(Usual)]
    public static LossAndGradient ValueAndGrad(Model model, Batch batch, ModelLoss loss, Pass pass = default, Reduction reduction = Reduction.Sum)
    {
        using var scope = NewDisposeScope();
        var result = model.Net.HasPullback && OutputLoss.In(loss) is { } ofOutput
            ? PulledBack(model, batch, ofOutput, Result(model, batch, pass), reduction)
            : ByAutograd(model, batch, loss, pass, reduction);
        result.LossSum.MoveToOuterDisposeScope();
        result.Gradient.MoveToOuterDisposeScope();
        result.State.MoveOut(before: model.State);
        return result;
    }

    /// <summary>The same for a loss of the model's output.</summary>
    /// <inheritdoc cref="ValueAndGrad(Model, Batch, ModelLoss, Pass, Reduction)"/>
    public static LossAndGradient ValueAndGrad(Model model, Batch batch, Loss loss, Pass pass = default, Reduction reduction = Reduction.Sum) =>
        ValueAndGrad(model, batch, new OutputLoss(loss).Of, pass, reduction);

    /// <summary>The model's output, and the gradient of any loss's sum: from one forward pass for all of them, where every layer brings its pullback.</summary>
    /// <inheritdoc cref="ValueAndGrad(Model, Batch, Loss, Pass, Reduction)"/>
    internal static (Tensor Output, Func<Loss, Tensor> Gradient) Linearized(Model model, Batch batch)
    {
        if (!model.Net.HasPullback) return (model.Apply(batch.Inputs), loss => ValueAndGrad(model, batch, loss).Gradient);
        var result = Result(model, batch, default);
        return (result.Y, GradientOf);

        Tensor GradientOf(Loss loss)
        {
            using var scope = NewDisposeScope();
            return PulledBack(model, batch, loss, result, Reduction.Sum).Gradient.MoveToOuterDisposeScope();
        }
    }

    /// <summary>Result of the net for a batch: the whole one, unless the pass names the part that it is.</summary>
    internal static LayerResult Result(Model model, Batch batch, Pass pass)
    {
        var inputs = batch.Inputs.Want("inputs", [-1, .. model.Net.Input]);
        var result = model.Net.Forward(model.Net.Views(model.Flat), model.State, inputs, pass with { Part = pass.Part ?? new(0, batch.Count, batch.Count) });
        return result with { Pass = result.Pass with { Part = pass.Part } };
    }

    static LossAndGradient PulledBack(Model model, Batch batch, Loss loss, LayerResult result, Reduction reduction)
    {
        var (value, delta) = AtOutput(loss, result.Y, batch.Targets);
        if (reduction == Reduction.Mean) delta.Over_(batch.Count);
        var gradient = empty_like(model.Flat);
        var pullback = result.Pullback ?? throw new ArgumentException("model: want a pullback, as HasPullback says, got none.", nameof(model));
        _ = pullback(delta, model.Net.Views(gradient));
        return new(value, gradient, result.State, result.Pass);
    }

    static LossAndGradient ByAutograd(Model model, Batch batch, ModelLoss loss, Pass pass, Reduction reduction)
    {
        Tensor? sum = null; // These leave the function below next to its value, and so the scope that it runs in.
        ImmutableArray<Tensor> states = [];
        Pass next = default;
        var (_, gradient) = Gradient.ValueAndGrad(flat =>
        {
            var inPass = new ModelPass(model.Net, model.Net.Views(flat), model.State, batch, pass);
            var losses = loss(inPass, batch).WantLosses(batch.Inputs);
            sum = losses.detach().sum().MoveToOuterDisposeScope();
            // A state computed from parameters would keep the graph of this batch.
            (states, next) = ([.. inPass.States.Select(s => s.requires_grad ? s.detach() : s)], inPass.Next(pass));
            states.MoveOut(before: model.State);
            return reduction == Reduction.Sum ? losses.sum() : losses.mean();
        })(model.Flat);
        return new(sum!, gradient, states, next);
    }

    /// <summary>The sum of the losses, and its gradient at the model's output.</summary>
    static (Tensor Value, Tensor Delta) AtOutput(Loss loss, Tensor output, Tensor targets) => Losses.DerivativeOf(loss) is { } known
        ? known(output, targets)
        : Gradient.ValueAndGrad(z => loss(z, targets).WantLosses(z).sum())(output);
}

/// <summary>The loss of a model on a batch, and the gradient of its reduction, such as <c>Backpropagation.ValueAndGrad</c>.</summary>
/// <param name="model">The model; untouched.</param>
/// <param name="batch">The examples, as the model takes them.</param>
/// <param name="loss">The loss of each example.</param>
/// <param name="pass">Training or evaluation, and the generator.</param>
/// <param name="reduction">Whether the gradient is of the losses' sum or mean.</param>
public delegate LossAndGradient Differentiate(Model model, Batch batch, ModelLoss loss, Pass pass, Reduction reduction);

/// <summary>Loss, gradient and next layer state of a model on one batch.</summary>
/// <param name="LossSum">The sum of the losses, a scalar, however they are reduced.</param>
/// <param name="Gradient">The gradient of the reduced losses, laid out as <see cref="Model.Flat"/>.</param>
/// <param name="State">The model's next state.</param>
/// <param name="Pass">The pass after the last layer, with the next generator.</param>
public readonly record struct LossAndGradient(Tensor LossSum, Tensor Gradient, ImmutableArray<Tensor> State, Pass Pass);

/// <summary>How the losses of a batch become the one number whose gradient is taken.</summary>
public enum Reduction
{
    /// <summary>Their sum, as in the course's notebook.</summary>
    Sum,

    /// <summary>Their mean, which textbook learning rates assume.</summary>
    Mean,
}
