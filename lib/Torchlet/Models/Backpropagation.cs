using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The gradient of a multilayer perceptron, derived by hand: what <see cref="Gradient"/> finds by itself, sooner.</summary>
public static class Backpropagation
{
    /// <summary>
    /// The sum of a batch's losses and its gradient. With h₀ = x, zₗ = hₗ₋₁·Wₗᵀ + bₗ, hₗ = σ(zₗ) and δ = ∂loss/∂z of the last layer:
    /// ∂loss/∂Wₗ = δₗᵀ·hₗ₋₁, ∂loss/∂bₗ = Σ δₗ over the batch, δₗ₋₁ = δₗ·Wₗ ⊙ σ′(zₗ₋₁). Source: Rumelhart, Hinton and Williams 1986.
    /// </summary>
    /// <param name="model">The network. If its activation's derivative is not known, the gradient is <see cref="Gradient"/>'s.</param>
    /// <param name="batch">The examples.</param>
    /// <param name="loss">The loss of each example. That of cross-entropy is softmax − one-hot; any other's derivative is found automatically.</param>
    /// <returns>A scalar, and a vector laid out as <see cref="Mlp.Flat"/>.</returns>
    public static (Tensor Value, Tensor Gradient) ValueAndGrad(Mlp model, Batch batch, Loss loss)
    {
        using var scope = NewDisposeScope();
        var (value, gradient) = Activations.DerivativeOf(model.Activation) is { } derivative
            ? ByHand(model, batch, loss, derivative)
            : Gradient.ValueAndGrad(m => loss(m.Logits(batch.Images), batch.Labels).sum())(model);
        return (value.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    static (Tensor Value, Tensor Gradient) ByHand(Mlp model, Batch batch, Loss loss, Func<Tensor, Tensor> derivative)
    {
        var layers = model.Layers;
        List<Tensor> inputs = [batch.Images];
        foreach (var layer in layers[..^1]) inputs.Add(inputs[^1] | layer.Apply | model.Activation);
        var (value, delta) = AtLogits(loss, inputs[^1] | layers[^1].Apply, batch.Labels);

        var gradient = empty_like(model.Flat);
        var parts = (model with { Flat = gradient }).Layers;
        for (var l = layers.Length - 1; l >= 0; l--)
        {
            parts[l].Weight.addmm_(delta.t(), inputs[l], beta: 0, alpha: 1);
            parts[l].Bias.copy_(delta.sum([0])); // A bare 0 would be taken for the element type uint8.
            if (l > 0) delta = delta.matmul(layers[l].Weight).mul_(derivative(inputs[l]));
        }
        return (value, gradient);
    }

    /// <summary>The sum of the losses, and its gradient at the logits.</summary>
    static (Tensor Value, Tensor Delta) AtLogits(Loss loss, Tensor logits, Tensor labels)
    {
        if (loss != Losses.CrossEntropy)
            return Gradient.ValueAndGrad((Tensor z) => loss(z, labels).sum())(logits);
        var logProbabilities = logits - logits.logsumexp(1, keepdim: true);
        var value = Losses.Nll(new(logProbabilities), labels).sum(); // First: it says what is wrong with wrong labels.
        var oneHot = zeros_like(logits).scatter_(1, labels.unsqueeze(1), ones_like(logits));
        return (value, logProbabilities.exp().sub_(oneHot));
    }
}
