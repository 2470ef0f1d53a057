namespace Torchlet;

/// <summary>What a layer must know of the pass that it is in.</summary>
/// <param name="IsTraining">Whether the model is learning: dropout drops, batch norm looks at the batch.</param>
/// <param name="Random">Where the next random number comes from; a layer that draws hands the next generator on.</param>
public readonly record struct Pass(bool IsTraining, TorchRandom? Random)
{
    /// <summary>Where in its batch the pass's examples lie; null if they are all of it. What a layer draws, it draws for the whole batch.</summary>
    public Part? Part { get; init; }

    /// <summary>The pass in which nothing is random and nothing is learned.</summary>
    public static Pass Evaluation => default;

    /// <summary>A pass of training.</summary>
    public static Pass Training(TorchRandom random) => new(true, random);
}
