using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>What came of a cell.</summary>
/// <param name="Metrics">The figures of its best epoch, or of the run as a whole where it has no epochs.</param>
/// <param name="BestEpoch">The epoch with the lowest loss of those that epochs are judged by; null where there are none.</param>
/// <param name="Seconds">How long it took.</param>
sealed record CellResult(ImmutableArray<(string Name, double Value)> Metrics, int? BestEpoch, double Seconds)
{
    /// <summary>The figures of the run in a folder.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="figures">What its rows came to; null if it has none.</param>
    /// <param name="elapsed">How long the script was at work, which the epochs of a run that was interrupted know better.</param>
    public static CellResult Of(string folder, RunFigures? figures, TimeSpan elapsed)
    {
        if (TrainingLog.IsIn(folder)) return OfEpochs(LogFiles.Log.Read(folder, TrainingLog.NoEpoch));
        var known = new[] { ("best_test_loss", figures?.BestTestLoss), ("accuracy", figures?.Accuracy) };
        return new([.. known.Where(figure => figure.Item2 is not null).Select(figure => (figure.Item1, figure.Item2!.Value))],
            BestEpoch: null, Math.Round(elapsed.TotalSeconds, 3));
    }

    static CellResult OfEpochs(IReadOnlyList<Epoch> epochs)
    {
        var best = Epoch.Best(epochs) ?? epochs[^1];
        return new([.. from column in LogFiles.Log.Fields(best)
                       where column.Name is not ("epoch" or "seconds")
                       select (column.Name, Convert.ToDouble(column.Value, CultureInfo.InvariantCulture))],
            best.Index, Math.Round(epochs.Sum(e => e.Elapsed.TotalSeconds), 3));
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string file)
    {
        // As text: JSON has no infinity.
        var metrics = new JsonObject(Metrics.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value.ToString(CultureInfo.InvariantCulture))));
        var json = new JsonObject { ["metrics"] = metrics, ["best_epoch"] = BestEpoch, ["seconds"] = Seconds };
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(json.ToJsonString() + "\n"));
    }

    /// <summary>What was written.</summary>
    /// <exception cref="TorchletException">It is something else.</exception>
    public static CellResult Read(string file)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!;
            return new([.. json["metrics"]!.AsObject().Select(m => (m.Key, double.Parse($"{m.Value}", CultureInfo.InvariantCulture)))],
                json["best_epoch"]?.GetValue<int>(), json["seconds"]!.GetValue<double>());
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NullReferenceException)
        {
            throw new TorchletException($"{file}: it is no cell's result; delete it, and run the sweep's command again.", e);
        }
    }
}
