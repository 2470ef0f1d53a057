namespace Torchlet;

/// <summary>A training's loss is no finite number any more, so that nothing more can come of it.</summary>
public sealed class DivergenceException : TorchletException
{
    /// <summary>With a message that says where it happened and what to do.</summary>
    public DivergenceException(string message) : base(message) { }

    /// <summary>The same with more to say.</summary>
    public DivergenceException(string message, DivergenceException inner) : base(message, inner) { }
}
