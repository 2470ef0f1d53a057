namespace Torchlet;

/// <summary>
/// One of several that learn in one training, each its own parameters from its own loss, such as the generator and the critic of a GAN. A step is one step of
/// each player in turn, on the same batch. Source: Goodfellow et al. 2014, arXiv:1406.2661.
/// </summary>
/// <example><c>new Player("critic", (model, batch) => …) { Optimizer = Optimizers.Adam(2e-4, 0.5) }</c></example>
/// <param name="Name">The part of the model that it learns: see <see cref="Net.Part"/>. Its loss is reported by this name.</param>
/// <param name="Loss">Its loss of each example.</param>
public sealed record Player(string Name, ModelLoss Loss)
{
    /// <summary>How its gradient becomes a step; by the recipe's optimizer, with a state of its own, if not given.</summary>
    public Transform? Optimizer { get; init; }

    /// <summary>Its name, loss and optimizer as text.</summary>
    internal string Text => $"{Name}: {Named.TextOf(Loss)}{(Optimizer is null ? "" : $", {Optimizer.Text}")}";

    /// <summary>Its name.</summary>
    public override string ToString() => $"Player: {Text}";

    /// <summary>The player's turn in a step of a model.</summary>
    internal Turn Turn(Net net, Transform usual)
    {
        var mine = net.Parameters[net.Part(Name).Parameters].Select(slot => slot.Name).ToHashSet();
        return new(Loss, Transforms.Chain(Transforms.Only(slot => mine.Contains(slot.Name), Optimizer ?? usual),
            Transforms.Freeze(slot => !mine.Contains(slot.Name))));
    }
}

/// <summary>A loss, and how its gradient becomes a step: all of a training step, or one player's part of it.</summary>
readonly record struct Turn(ModelLoss Loss, Transform Optimizer);
