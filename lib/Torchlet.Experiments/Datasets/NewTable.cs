using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A table for a network that was trained on another one: its columns are found by their names and standardised by the statistics of the training part,
/// both of which the weights file holds under "table". Labels are compared with the network's classes; there may be none.
/// </summary>
static class NewTable
{
    /// <summary>The name under which a weights file says which table its network was trained on.</summary>
    public const string Key = "table";

    const string Names = "columns", Label = "label", Mean = "mean", Deviation = "deviation", Checksum = "sha256";

    // Bytes of a weights file's header, which holds two million: those of some ten thousand columns.
    const int Longest = 1_500_000;

    /// <summary>
    /// The columns of a data set's table and its checksum, as text: an object of JSON. Null where the data are from no table, or from one with more columns
    /// than a weights file has room for.
    /// </summary>
    public static string? Text(Dataset data)
    {
        if (data.Table is not { } table) return null;
        var text = new JsonObject
        {
            [Names] = new JsonArray([.. table.Names.Select(name => (JsonNode?)name)]),
            [Label] = table.Label,
            [Mean] = Numbers(table.Statistics?.Mean), [Deviation] = Numbers(table.Statistics?.Deviation),
            [Checksum] = data.Checksums.FirstOrDefault(file => file.Key != DataInMemory.Name).Value, // With --validation the examples have one, too.
        }.ToJsonString();
        return JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length <= Longest ? text : null;
    }

    /// <summary>The data that --data names, as the network that --weights names takes them; null where they are read as for a training.</summary>
    /// <exception cref="TorchletException">The table is not what the network takes; the message names the file, and the line or the column.</exception>
    public static Dataset? Find(InferConfig config, CancellationToken stop)
    {
        if (config.Weights == "auto" || !File.Exists(config.Data) || Path.GetExtension(config.Data).ToLowerInvariant() != ".csv") return null;
        var path = WeightsOfRun.Find(config.Weights);
        var file = Weights.Read(path);
        if (!file.Metadata.TryGetValue(Key, out var text)) return Untold(config, path, stop);
        var saved = Weights.LoadUsable(path, config.Activation);
        var (columns, checksum) = Read(path, text, (int)Shapes.Count(saved.Net.Input.AsSpan()));
        var classes = PretrainedWeights.Classes(path, saved);
        var isTrainedOn = checksum is not null && checksum == RegularFile.Reading(config.Data, table => RegularFile.Sha256(table, stop));
        if (isTrainedOn && saved.Metadata.GetValueOrDefault(SavedModel.ClassesKey) == SavedModel.NoClasses)
            return Datasets.Load(config.Data, config.Places with { AreNumbers = true, Stop = stop });
        return isTrainedOn && classes is not null ? null : Read(config.Data, columns, saved.Net.Input, classes ?? [], stop);
    }

    /// <summary>A table for weights that do not say what they were trained on: without labels it is read where the network takes grey pictures.</summary>
    static Dataset? Untold(InferConfig config, string path, CancellationToken stop)
    {
        if (!RegularFile.Reading(config.Data, table => CsvTable.HasNoLabels(TableText.Open(table, stop).Text))) return null;
        var saved = Weights.LoadUsable(path, config.Activation);
        return Drawing.SideOf(saved.Net.Input) is not { } side ? throw new TorchletException($"{path}: it does not say on which columns the network was "
                + $"trained, nor by which mean and deviation they were standardised, so {config.Data} cannot be predicted; train the network again.")
            : Read(config.Data, new([], null, null), [1, side, side], PretrainedWeights.Classes(path, saved) ?? [], stop);
    }

    /// <summary>Reads a table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns that the network takes.</param>
    /// <param name="shape">The shape of its input.</param>
    /// <param name="classes">The classes that it tells apart; none where it predicts numbers.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="TorchletException">The table is not what the network takes.</exception>
    public static Dataset Read(string path, TableColumns columns, ImmutableArray<long> shape, ImmutableArray<string> classes, CancellationToken stop)
    {
        var checksum = RegularFile.Reading(path, file => CsvFile.Checked(file, stop));
        return RegularFile.Reading(path, file =>
        {
            using var scope = NewDisposeScope();
            var (reader, remark) = TableText.Open(file, stop);
            using var text = reader;
            var table = CsvTable.ReadAs(text, columns, (int)Shapes.Count(shape.AsSpan()), stop);
            ImmutableArray<int> all = [.. Enumerable.Range(0, table.Rows.Length)];
            if (columns.Statistics is null && all.FirstOrDefault(i => table.Rows[i] is not byte[], -1) is >= 0 and var odd)
                throw new TorchletException(
                    $"has other numbers than pixels, whole ones from 0 to 255, in example {odd + 1}; the network was trained on pixels");
            var inputs = columns.Statistics is { } statistics ? statistics.Apply(CsvFile.Numbers(table.Rows, all)).view([-1, .. shape])
                : CsvFile.Pixels(table.Rows, all, shape);
            var areLabelled = table.Labels.Any(label => label.Length > 0);
            if (areLabelled && table.Labels.IndexOf("") is >= 0 and var bare)
                throw new TorchletException($"has an empty label in example {bare + 1} and labels in others; give all of them or none");
            var targets = areLabelled ? Targets(table.Labels, classes) : tensor(Enumerable.Repeat(-1L, table.Rows.Length).ToArray());
            var split = new Split(inputs.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope());
            string?[] notes = [columns.Statistics is null ? null : "standardised as in training", remark];
            return new Dataset(Path.GetFileName(path), Path.GetDirectoryName(Path.GetFullPath(path))!, classes,
                ImmutableSortedDictionary<string, string>.Empty.Add(Path.GetFileName(path), checksum), split, split)
            {
                Note = notes.Any(note => note is not null) ? string.Join("; ", notes.OfType<string>()) : null, AreNew = true, AreLabelled = areLabelled,
            };
        });
    }

    static Tensor Targets(ImmutableArray<string> labels, ImmutableArray<string> classes)
    {
        if (classes.IsEmpty)
            return tensor(labels.Select(Number).ToArray());
        var places = classes.Index().ToDictionary(name => name.Item, name => (long)name.Index);
        return tensor(labels.Select((label, i) => places.TryGetValue(LabelNames.Shown(label), out var place) ? place
            : throw new TorchletException($"has the label '{Printable.Of(label)}' in example {i + 1}; the network tells {LayerNames.Listed(classes)} apart"))
            .ToArray());
    }

    /// <summary>The number to predict that a label is.</summary>
    /// <exception cref="TorchletException">It is none, or none that fits into float32; the message names the example, not the file.</exception>
    public static float Number(string label, int place) =>
        float.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number) ? number
            : throw new TorchletException($"has the target '{Printable.Of(label)}' in example {place + 1}; want a finite number");

    static JsonArray? Numbers(ImmutableArray<double>? numbers) => numbers is { } some ? new([.. some.Select(number => (JsonNode?)number)]) : null;

    static (TableColumns Columns, string? Checksum) Read(string path, string text, int count)
    {
        try
        {
            var json = JsonNode.Parse(text)!.AsObject();
            ImmutableArray<string> names = [.. json[Names]!.AsArray().Select(name => name!.GetValue<string>())];
            ImmutableArray<double>? Numbers(string key) => json[key] is JsonArray numbers ? [.. numbers.Select(number => number!.GetValue<double>())] : null;
            var statistics = Numbers(Mean) is { } mean && Numbers(Deviation) is { } deviation ? new Standardisation(mean, deviation) : null;
            return (names.IsEmpty || names.Length == count) && (statistics is null || (statistics.Mean.Length, statistics.Deviation.Length) == (count, count)
                    && statistics.Mean.Concat(statistics.Deviation).All(double.IsFinite))
                ? (new(names, json[Label]?.GetValue<string>(), statistics), json[Checksum]?.GetValue<string>())
                : throw new TorchletException($"{path}: its description of the table that it was trained on has other than {count} columns; "
                    + "make the file again.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new TorchletException($"{path}: its description of the table that it was trained on is damaged; make the file again.", e);
        }
    }
}
