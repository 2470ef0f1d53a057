using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Whose memory a tensor is in, and who frees it: its dispose scope, or whoever holds it.</summary>
static class Scopes
{
    /// <summary>Numbers in libtorch's own memory: a tensor over an array of .NET's begins where its kernels round in another way.</summary>
    public static Tensor Native(ReadOnlyMemory<float> numbers, params long[] shape)
    {
        using var over = tensor(numbers.ToArray(), shape);
        return over.clone();
    }

    /// <summary>
    /// Moves those tensors to the scope around the current one that <paramref name="before"/> does not have already:
    /// a state that did not change stays where it is.
    /// </summary>
    public static void MoveOut(this IEnumerable<Tensor> tensors, IEnumerable<Tensor> before)
    {
        foreach (var tensor in tensors.Except(before, ReferenceEqualityComparer.Instance).Cast<Tensor>()) tensor.MoveToOuterDisposeScope();
    }
}

/// <summary>A value that is made of tensors, which somebody has to free: the state of a <see cref="Scan"/>.</summary>
public interface IHolds
{
    /// <summary>Every tensor that it holds.</summary>
    IEnumerable<Tensor> Tensors { get; }
}
