namespace Torchlet;

/// <summary>An object that takes its state after it was constructed (Python's <c>__setstate__</c>).</summary>
public interface IPickleState
{
    /// <summary>Takes the state; unusable state is a <see cref="TorchletException"/>.</summary>
    void SetState(object? state);
}
