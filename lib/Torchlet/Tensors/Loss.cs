using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A loss of each example, [batch], from a model's output, [batch, …], and its targets, [batch, …]. The caller reduces.</summary>
public delegate Tensor Loss(Tensor output, Tensor target);
