using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A model while a loss is computed. It may be applied any number of times, as a whole or in parts, to anything: layer states, such as running
/// statistics, and the random generator continue from one call to the next.
/// </summary>
/// <example><c>Objective.Of((model, batch) => Losses.CrossEntropy(model.Apply(batch.Inputs), batch.Targets))</c></example>
public sealed class ModelPass : LayerPass
{
    readonly SubLayer whole;
    readonly Batch batch;
    Tensor? output;

    internal ModelPass(Net net, ImmutableArray<Tensor> parameters, ImmutableArray<Tensor> states, Batch batch, Pass pass) :
        base(net, parameters, states, pass with { Part = pass.Part ?? new(0, batch.Count, batch.Count) }, batch.Inputs.device) =>
        (this.batch, whole) = (batch, new(net, "", net, 0, 0));

    /// <summary>Output of the model.</summary>
    /// <param name="x">[rows, …], some rows for each example.</param>
    /// <exception cref="ArgumentException">x has another shape than the model's input.</exception>
    public Tensor Apply(Tensor x) => Apply(whole, x);

    /// <summary>Output of the model for the batch's inputs: computed when it is asked for first, and then the same.</summary>
    public Tensor Output() => output ??= Apply(batch.Inputs.Want("inputs", [-1, .. whole.Net.Input]));

    /// <summary>A part of the model, for <see cref="LayerPass.Apply"/>: see <see cref="Net.Part"/>.</summary>
    /// <example><c>model.Apply(model.Part("critic"), images)</c></example>
    public SubLayer Part(string name) => whole.Net.Part(name);

    /// <summary>The pass after the last call, with the next generator.</summary>
    internal Pass Next(Pass before) => Pass with { Part = before.Part };
}

/// <summary>The loss of each example of a batch, [batch], by a function that may apply the model as it wants. The caller reduces.</summary>
/// <param name="model">The model, with the pass that it is in.</param>
/// <param name="batch">The examples, as the objective prepares them.</param>
public delegate Tensor ModelLoss(ModelPass model, Batch batch);

/// <summary>A loss of the model's output for the batch's inputs: the usual kind.</summary>
sealed record OutputLoss(Loss Loss) : INamed
{
    /// <inheritdoc/>
    public string Text => Named.TextOf(Loss);

    /// <summary>The same as a function of the model.</summary>
    public Tensor Of(ModelPass model, Batch batch) => Loss(model.Output(), batch.Targets);

    /// <summary>The loss of outputs that a function of the model is; null if it is none.</summary>
    public static Loss? In(ModelLoss loss) => (loss.Target as OutputLoss)?.Loss;
}
