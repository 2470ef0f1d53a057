using System.Text.RegularExpressions;

namespace Torchlet;

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
