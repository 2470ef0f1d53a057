using static TorchSharp.torch;

namespace Torchlet;

/// <summary>How hard the loss pulls at one of a model's parameters.</summary>
/// <param name="Parameter">Its name: fc1.weight.</param>
/// <param name="Norm">‖∂loss/∂parameter‖₂.</param>
public sealed record LayerGradient(string Parameter, double Norm)
{
    /// <summary>
    /// Those of each parameter after an epoch, of the loss of the first batch of the training examples in their order, reduced as in training. It is a pass of
    /// evaluation: nothing random is drawn, and the training is not affected.
    /// </summary>
    /// <param name="snapshot">Where the training stood, as <see cref="Training.Epochs"/> gives it.</param>
    /// <param name="data">What it is trained on.</param>
    public static IReadOnlyList<LayerGradient> Of(Snapshot snapshot, Dataset data)
    {
        using var scope = NewDisposeScope();
        var recipe = snapshot.Recipe ?? throw new ArgumentException("snapshot: want one with its recipe, got one out of a file.", nameof(snapshot));
        var model = snapshot.Model(recipe.Net(data)).To(data.Train.Inputs.device);
        var batch = recipe.Objective.Prepare(Batches.Cut(data.Train, ..Math.Min(recipe.BatchSize, data.Train.Count)));
        var gradient = Backpropagation.ValueAndGrad(model, batch, recipe.Objective.Minimised, Pass.Evaluation, recipe.Reduction).Gradient;
        return [.. model.Net.Parameters.Zip(model.Net.Views(gradient), (slot, part) => new LayerGradient(slot.Name, part.norm().Number()))];
    }
}
