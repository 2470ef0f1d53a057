using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>A figure that a source gives of a training, and how it is read off ours.</summary>
/// <param name="Measure">What it is: test accuracy.</param>
/// <param name="Value">As the source writes it: 0.9465, about 0.99; empty where it gives none.</param>
/// <param name="Of">Our figure, out of the training's epochs.</param>
public sealed record Published(string Measure, string Value, Func<IReadOnlyList<Epoch>, double> Of)
{
    /// <summary>The accuracy on the test set after the last epoch, in [0, 1].</summary>
    public static Published TestAccuracy(string value) => new("test accuracy", value, epochs => epochs[^1].TestAccuracy);

    /// <summary>The highest accuracy on the test set after any epoch, in [0, 1].</summary>
    public static Published BestTestAccuracy(string value) => new("best test accuracy", value, epochs => epochs.Max(e => e.TestAccuracy));

    /// <summary>The mean loss of the test set after the last epoch.</summary>
    public static Published TestLoss(string value) => new("test loss", value, epochs => epochs[^1].TestLoss);
}

/// <summary>A published figure, and ours.</summary>
/// <param name="Source">Where it is published.</param>
/// <param name="Setting">What was trained, as it ran.</param>
/// <param name="Variant">The variant's name.</param>
/// <param name="Measure">What it is.</param>
/// <param name="Published">As the source writes it.</param>
/// <param name="Seed">The seed of our training.</param>
/// <param name="Epochs">How many epochs it had.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Seconds">How long the training took, tests included.</param>
public sealed partial record Reproduction(
    string Source, string Setting, string Variant, string Measure, string Published, long Seed, int Epochs, double Ours, double Seconds)
{
    /// <summary>The figures of a training.</summary>
    public static IEnumerable<Reproduction> Of(string source, Variant variant, long seed, IReadOnlyList<Epoch> epochs) =>
        from figure in variant.Published
        select new Reproduction(
            source, SettingOf(variant.Recipe), variant.Name, figure.Measure, figure.Value, seed, epochs.Count, figure.Of(epochs),
            epochs.Sum(e => e.Elapsed.TotalSeconds));

    /// <summary>Model, optimizer and batch of a recipe in one line, without the names that parameters are saved by.</summary>
    public static string SettingOf(Recipe recipe) => string.Join("; ",
    [
        SavedName().Replace(recipe.Model.Text, ""), recipe.Optimizer.Text, FormattableString.Invariant($"batch {recipe.BatchSize}"),
    ]);

    [GeneratedRegex("""\.As\("[^"]*"\)""")]
    private static partial Regex SavedName();
}
