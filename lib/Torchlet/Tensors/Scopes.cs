using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Ownership of tensors: a dispose scope frees its tensors; others are freed by the value that holds them.</summary>
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

/// <summary>A value made of tensors, whose owner must free them: the state of a <see cref="Scan"/>.</summary>
public interface IHolds
{
    /// <summary>Every tensor that it holds.</summary>
    IEnumerable<Tensor> Tensors { get; }
}
