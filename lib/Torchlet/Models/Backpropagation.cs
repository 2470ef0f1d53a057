using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The loss of a model on a batch, and its gradient.</summary>
public static class Backpropagation
{
    /// <summary>
    /// The losses' sum and the gradient of their reduction. If every layer brings its pullback, the gradient is the fold of those from the
    /// last layer to the first; else automatic differentiation goes through all of them. Source: Rumelhart, Hinton and Williams 1986.
    /// </summary>
    /// <param name="model">The model; untouched.</param>
    /// <param name="batch">The examples, as the model takes them.</param>
    /// <param name="loss">The loss of each example.</param>
    /// <param name="pass">The pass that the layers are in.</param>
    /// <param name="reduction">What the gradient is of.</param>
    /// <exception cref="ArgumentException">
    /// The batch has another shape than the model's input, or the loss gave something else than one number an example.
    /// </exception>
    public static Differentiated ValueAndGrad(Model model, Batch batch, Loss loss, Pass pass = default, Reduction reduction = Reduction.Sum)
    {
        using var scope = NewDisposeScope();
        var result = model.Net.HasPullback
            ? PulledBack(model, batch, loss, Passed(model, batch, pass), reduction)
            : ByAutograd(model, batch, loss, pass, reduction);
        result.LossSum.MoveToOuterDisposeScope();
        result.Gradient.MoveToOuterDisposeScope();
        result.State.MoveOut(before: model.State);
        return result;
    }

    /// <summary>The model's output, and the gradient of any loss's sum: from one forward pass for all of them, where every layer brings its pullback.</summary>
    /// <inheritdoc cref="ValueAndGrad"/>
    internal static (Tensor Output, Func<Loss, Tensor> Gradient) Linearized(Model model, Batch batch)
    {
        if (!model.Net.HasPullback) return (model.Apply(batch.Inputs), loss => ValueAndGrad(model, batch, loss).Gradient);
        var passed = Passed(model, batch, default);
        return (passed.Y, GradientOf);

        Tensor GradientOf(Loss loss)
        {
            using var scope = NewDisposeScope();
            return PulledBack(model, batch, loss, passed, Reduction.Sum).Gradient.MoveToOuterDisposeScope();
        }
    }

    static Passed Passed(Model model, Batch batch, Pass pass) =>
        model.Net.Forward(model.Net.Views(model.Flat), model.State, batch.Inputs.Want("inputs", [-1, .. model.Net.Input]), pass);

    static Differentiated PulledBack(Model model, Batch batch, Loss loss, Passed passed, Reduction reduction)
    {
        var (value, delta) = AtOutput(loss, passed.Y, batch.Targets);
        if (reduction == Reduction.Mean) delta.Over_(batch.Count);
        var gradient = empty_like(model.Flat);
        _ = passed.Pullback!(delta, model.Net.Views(gradient));
        return new(value, gradient, passed.State, passed.Pass);
    }

    static Differentiated ByAutograd(Model model, Batch batch, Loss loss, Pass pass, Reduction reduction)
    {
        Tensor? sum = null; // The two leave the function below beside its value, and so the scope that it runs in.
        Passed passed = default;
        var (_, gradient) = Gradient.ValueAndGrad(flat =>
        {
            passed = Passed(model with { Flat = flat }, batch, pass);
            var losses = loss(passed.Y, batch.Targets).WantLosses(passed.Y);
            sum = losses.detach().sum().MoveToOuterDisposeScope();
            passed.State.MoveOut(before: model.State);
            return reduction == Reduction.Sum ? losses.sum() : losses.mean();
        })(model.Flat);
        return new(sum!, gradient, passed.State, passed.Pass);
    }

    /// <summary>The sum of the losses, and its gradient at the model's output.</summary>
    static (Tensor Value, Tensor Delta) AtOutput(Loss loss, Tensor output, Tensor targets) => Losses.DerivativeOf(loss) is { } known
        ? known(output, targets)
        : Gradient.ValueAndGrad(z => loss(z, targets).WantLosses(z).sum())(output);
}
