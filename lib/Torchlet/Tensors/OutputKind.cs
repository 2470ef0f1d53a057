namespace Torchlet;

/// <summary>What a row of a network's last numbers means.</summary>
public enum OutputKind
{
    /// <summary>Any real numbers: scores before softmax.</summary>
    Logits,

    /// <summary>Logarithms of probabilities: each ≤ 0, and exp of them sums to 1.</summary>
    LogProbabilities,

    /// <summary>Each in [0, 1], with sum 1.</summary>
    Probabilities,
}
