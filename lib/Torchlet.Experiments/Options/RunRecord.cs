using System.Collections.Immutable;
using System.Text.Json;

namespace Torchlet;

/// <summary>What a run's config.json says of it, as far as others ask for it.</summary>
/// <param name="Script">The script's name, without its ending.</param>
/// <param name="Subject">What was trained or judged, on what: "784-50-100-10 on MNIST".</param>
/// <param name="Checksums">SHA-256 of each data file, by its name; none for a run on no data.</param>
/// <param name="Options">Every option with its value as it would be typed, in the order of --help; null for one that was left to its default.</param>
sealed record RunRecord(
    string Script, string Subject, ImmutableSortedDictionary<string, string> Checksums, ImmutableArray<(string Name, string? Value)> Options)
{
    public const string FileName = "config.json", Recipe = "recipe", Instead = "instead_of_options";

    /// <summary>Parts of what was trained that are other ones than the options say, with how they are written.</summary>
    public ImmutableArray<(string Part, string Text)> Parts { get; init; } = [];

    /// <summary>When the run was begun, as it was written; empty if it does not say.</summary>
    public string Time { get; init; } = "";

    /// <summary>The command line that began it: the host, the script and the arguments; none if it does not say.</summary>
    public ImmutableArray<string> CommandLine { get; init; } = [];

    // Thousands of hidden layers fit into it, and their command line too.
    const int Largest = 4 << 20;

    /// <summary>An option that numbers depend on.</summary>
    /// <param name="Option">Its name.</param>
    /// <param name="Name">What stands before the value for a reader of a picture.</param>
    /// <param name="Part">The part of a recipe that it describes.</param>
    /// <param name="Usual">The value that goes without saying.</param>
    sealed record Setting(string Option, string Name = "", string Part = "", string Usual = "");

    static readonly Setting[] Settings =
    [
        new("objective", Part: "objective"), new("loss", Part: "objective"), new("label-smoothing", "smoothed ", "objective"),
        new("optimizer", Part: "optimizer"), new("momentum", "momentum ", "optimizer"), new("weight-decay", "decay ", "optimizer"),
        new("lr", "lr ", "optimizer"), new("schedule", Part: "optimizer", Usual: "constant"), new("warmup", "warm-up ", "optimizer"),
        new("clip", "clip ", "optimizer"), new("ema", "average ", "optimizer"), new("batch-size", "batch "),
        new("activation", Part: "model"), new("dropout", "dropout ", "model"), new("init", "init ", "model", Usual: "default"),
        new("reduction", "reduction ", "reduction", Usual: "sum"), new("augment", "augmented: ", "augment"),
        new("side", "side "), new("validation", "validation "), new("limit", "limit "), new("seeds", "seeds "), new("seed", "seed "),
    ];

    // Those that the subject tells already, and that tell two runs apart all the same.
    static readonly Setting[] Extent =
        [new("data", "data "), new("model", Part: "model", Usual: "mlp"), new("hidden", "hidden ", "model"), new("epochs", "epochs ")];

    /// <summary>The options that the run's numbers depend on, in one line.</summary>
    public string Settled => Line(Settings);

    /// <summary>
    /// What tells each of several runs from the others: their subjects, if these differ (the same --data auto finds different data), and the
    /// other options in which they differ; the same text for two runs that do not.
    /// </summary>
    public static IReadOnlyList<string> Distinctions(IReadOnlyList<RunRecord> runs)
    {
        var bySubject = Differ(r => r.Subject);
        var differing = Extent.Concat(Settings).Where(s => !(bySubject && s.Option is "data" or "model" or "hidden") && Differ(r => r.Value(s))).ToList();
        return [.. runs.Select(r => string.Join(" · ", new[] { bySubject ? r.Subject : "", r.Line(differing) }.Where(part => part.Length > 0)))];

        bool Differ(Func<RunRecord, string?> of) => runs.Select(of).Distinct().Count() > 1;
    }

    // A part that is another than the options say stands in their place.
    // An option that was given nothing, such as no seeds beside the one seed, settles nothing, and one that is as usual goes without saying.
    string? Value(Setting setting) =>
        Parts.FirstOrDefault(p => p.Part == setting.Part) is { Text: { } text } ? (setting.Option == setting.Part ? text : null)
        : Options.FirstOrDefault(o => o.Name == setting.Option && o.Value != "" && o.Value != setting.Usual).Value is { } value
            && !(setting.Option == "seed" && Options.Any(o => o.Name == "seeds" && o.Value is not (null or ""))) ? value : null;

    string Line(IEnumerable<Setting> settings) =>
        string.Join(" · ", settings.Where(s => Value(s) is not null).Select(s => s.Name + Value(s)));

    /// <summary>Reads a run's config.json for the script that asks.</summary>
    /// <exception cref="TorchletException">It is none, not there, or another script's.</exception>
    public static RunRecord Read(string file, string script)
    {
        var record = Read(file);
        return record.Script == script ? record
            : throw new TorchletException($"{file}: it is of a run of {Printable.Of(record.Script)}, and this is {script}; name a run of {script}.");
    }

    /// <summary>Reads a run's config.json.</summary>
    /// <exception cref="TorchletException">It is none, or not there.</exception>
    public static RunRecord Read(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(Text(file), new() { AllowDuplicateProperties = false });
            var root = json.RootElement;
            var script = root.GetProperty("script").GetString() ?? throw new JsonException("script is null");
            return new(script, root.TryGetProperty("subject", out var subject) ? $"{subject.GetString()}" : script, ChecksumsOf(root),
                [.. root.GetProperty("options").EnumerateObject().Select(o => (o.Name, ValueOf(o.Value)))])
            {
                Parts = PartsOf(root),
                Time = root.TryGetProperty("time", out var time) ? $"{time.GetString()}" : "",
                CommandLine = root.TryGetProperty("command_line", out var words) ? [.. words.EnumerateArray().Select(word => $"{word.GetString()}")] : [],
            };
        }
        // The last two are what JsonElement answers where a value is missing or of another kind.
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(file, e);
        }
    }

    /// <summary>The file's text.</summary>
    /// <exception cref="TorchletException">It is not there, or too large to be a run's.</exception>
    public static string Text(string file)
    {
        if (!File.Exists(file)) throw new TorchletException($"{file} is not there; name the folder of a run, or put a copy of the file back.");
        using var reader = new StreamReader(file);
        var text = new char[Largest + 1]; // A device has no length, and no end either.
        var length = reader.ReadBlock(text);
        return length <= Largest ? new(text, 0, length) : throw Damaged(file, new JsonException($"it is larger than {Largest >> 20} MB"));
    }

    /// <summary>What is wrong with a config.json, and what to do about it.</summary>
    public static TorchletException Damaged(string file, Exception e) =>
        new($"{file}: it is not what a run wrote ({Printable.Of(e.Message.TrimEnd('.'))}); put a good copy back, or make the run again.", e);

    // A run writes every value as text; a person who edits the file may write numbers as numbers.
    static string? ValueOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : value.GetString();

    static ImmutableArray<(string, string)> PartsOf(JsonElement root) =>
        root.TryGetProperty(Instead, out var names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(name => ($"{name.GetString()}", $"{root.GetProperty(Recipe).GetProperty($"{name.GetString()}").GetString()}"))]
            : [];

    static ImmutableSortedDictionary<string, string> ChecksumsOf(JsonElement root) =>
        root.TryGetProperty("data", out var data) && data.ValueKind != JsonValueKind.Null
            ? data.GetProperty("sha256").EnumerateObject().ToImmutableSortedDictionary(f => f.Name, f => $"{f.Value.GetString()}", StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, string>.Empty;
}
