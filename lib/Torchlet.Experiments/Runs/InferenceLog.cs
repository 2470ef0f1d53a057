namespace Torchlet;

/// <summary>The files of a run that judges a classifier.</summary>
public static class InferenceLog
{
    const int MostMistakes = 40;

    /// <summary>Writes predictions.csv, classes.csv, worst_mistakes.csv and first_layer.csv of a classifier on a split, and draws them.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="model">The classifier.</param>
    /// <param name="examples">The split.</param>
    /// <param name="predictions">The predictions for all of its examples, in their order.</param>
    /// <returns>The share of the examples that are classified right, of all of them and of each class.</returns>
    public static (double Accuracy, IReadOnlyList<ClassAccuracy> Classes) Write(
        RunFolder run, Model model, Split examples, IEnumerable<Prediction> predictions)
    {
        var (all, names) = ((predictions | CsvLog.Predictions(run)).ToList(), run.Data!.Classes);
        var classes = (ClassAccuracy.Of(Inference.Confusion(all, names.Length), names) | CsvLog.Classes(run)).ToList();
        _ = (Mistakes.Worst(all, examples, MostMistakes) | CsvLog.Mistakes(run)).Count();
        _ = (UnitWeights.OfFirstLayer(model) | CsvLog.FirstLayer(run)).Count();
        InferencePlots.Draw(run);
        return (Inference.Accuracy(all), classes);
    }
}
