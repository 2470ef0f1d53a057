namespace Torchlet;

/// <summary>How a batch's losses become the one number whose gradient is taken.</summary>
public enum Reduction
{
    /// <summary>Their sum, as the course's notebook has it.</summary>
    Sum,

    /// <summary>Their mean, which the learning rates of textbooks are meant for.</summary>
    Mean,
}
