using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Rows of log-probabilities: what <see cref="Activations.LogSoftmax"/> gives and <see cref="Losses.Nll"/> wants. Logits and
/// probabilities look the same to a computer, so their type keeps them out: <c>Nll(logits, labels)</c> does not compile, and
/// <c>Nll(new(logits), labels)</c> is a promise made in writing.
/// </summary>
/// <param name="Tensor">[batch, classes], float, each row ≤ 0, and exp of it sums to 1 (not checked here; script 03 checks it).</param>
public readonly record struct LogProbabilities(Tensor Tensor)
{
    /// <summary>The tensor, for everything else that can be done with it.</summary>
    public static implicit operator Tensor(LogProbabilities rows) => rows.Tensor;
}
