using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A value that is made of tensors, which somebody has to free: the state of a <see cref="Scan"/>.</summary>
public interface IHolds
{
    /// <summary>Every tensor that it holds.</summary>
    IEnumerable<Tensor> Tensors { get; }
}
