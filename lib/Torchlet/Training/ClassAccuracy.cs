namespace Torchlet;

/// <summary>How many examples of one class there are, and how many of them were recognised.</summary>
/// <param name="Class">The class's name.</param>
/// <param name="Examples">How many there are.</param>
/// <param name="Correct">How many were recognised.</param>
public sealed record ClassAccuracy(string Class, long Examples, long Correct)
{
    /// <summary>Correct / Examples, in [0, 1]; NaN for a class without examples.</summary>
    public double Accuracy => (double)Correct / Examples;

    /// <summary>The rows of a confusion matrix, class by class.</summary>
    /// <param name="confusion">Element [i, j] counts examples of class i that were taken for j.</param>
    /// <param name="classes">The classes' names.</param>
    public static IReadOnlyList<ClassAccuracy> Of(long[,] confusion, IReadOnlyList<string> classes) =>
        [.. classes.Select((name, i) => new ClassAccuracy(name, Enumerable.Range(0, classes.Count).Sum(j => confusion[i, j]), confusion[i, i]))];
}
