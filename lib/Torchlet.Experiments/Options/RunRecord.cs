using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;

namespace Torchlet;

/// <summary>The content of a run's config.json that other scripts and stages read.</summary>
/// <param name="Script">The script's name, without its ending.</param>
/// <param name="Subject">Model and data: "784-50-100-10 on MNIST".</param>
/// <param name="Checksums">SHA-256 of each data file, by its name; empty for a run without data.</param>
/// <param name="Options">Every option with its value as a user types it, in the order of --help; null for a default that has no value.</param>
sealed record RunRecord(
    string Script, string Subject, ImmutableSortedDictionary<string, string> Checksums, ImmutableArray<(string Name, string? Value)> Options)
{
    public const string FileName = "config.json", Recipe = "recipe", Instead = "instead_of_options", Start = "start", File = "file", Sha256 = "sha256";

    /// <summary>The file of the start weights; null if there is none.</summary>
    public (string Path, string Sha256)? StartFile { get; init; }

    /// <summary>The parts of the recipe that the script replaced, each with its text.</summary>
    public ImmutableArray<(string Part, string Text)> Parts { get; init; } = [];

    /// <summary>The parts of the recipe, each with its text; empty if the file has no recipe.</summary>
    public ImmutableSortedDictionary<string, string> Trained { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The figure that the run chooses epochs by.</summary>
    public JudgedBy JudgedBy => Trained.TryGetValue(JudgedBy.Part, out var judge) ? JudgedBy.Parse(judge) : JudgedBy.Loss;

    /// <summary>The time at which the run began, as in the file; empty if the file does not say.</summary>
    public string Time { get; init; } = "";

    /// <summary>The command line of the run: the host, the script and the arguments; empty if the file does not say.</summary>
    public ImmutableArray<string> CommandLine { get; init; } = [];

    // Large enough for thousands of hidden layers and their command line.
    const int Largest = 4 << 20;

    // No legend has room for more; a damaged file may have any number.
    const int MostOwn = 100;

    /// <summary>The options that the run's numbers depend on, in one line; those that a title or an axis shows are left out.</summary>
    public string Settled => Line(ShownOption.OfLibrary.Where(option => option.How.In == ShownIn.Subtitle).Concat(ShownOption.OfParts(Parts)));

    /// <summary>
    /// A text for each of several runs that tells it from the others: the script's own options in which they differ, their subjects if these differ
    /// (the same --data auto finds different data), and the library's options in which they differ. Runs without a difference get the same text.
    /// </summary>
    public static IReadOnlyList<string> Distinctions(IReadOnlyList<RunRecord> runs)
    {
        var bySubject = Differ(r => r.Subject);
        var own = Differing(runs.SelectMany(r => r.Options).Select(o => o.Name).Where(name => !ShownOption.NamesOfLibrary.Contains(name)).Distinct()
            .Take(MostOwn).Select(name => new ShownOption(name, new(0, $"{name} "))));
        var others = Differing(ShownOption.OfLibrary.Where(option => !(bySubject && option.How.In == ShownIn.Subject))
            .Concat(ShownOption.OfParts(runs.SelectMany(r => r.Parts).DistinctBy(p => p.Part))));
        return [.. runs.Select(r => string.Join(" · ", new[] { r.Line(own), bySubject ? r.Subject : "", r.Line(others) }.Where(part => part.Length > 0)))];

        bool Differ(Func<RunRecord, string?> of) => runs.Select(of).Distinct().Count() > 1;
        IReadOnlyList<ShownOption> Differing(IEnumerable<ShownOption> options) => [.. options.Where(option => Differ(r => r.Value(option)))];
    }

    // A part of the recipe that the script replaced is shown in place of the options that describe it, where the first of them would be.
    // An empty value, such as that of --seeds next to one --seed, is not shown.
    string? Value(ShownOption option) =>
        Parts.FirstOrDefault(p => p.Part == option.How.Part) is { Text: { } text } ? (option.IsFirstOfPart ? text : null)
        : Options.FirstOrDefault(o => o.Name == option.Name && o.Value != "" && o.Value != option.How.Usual).Value is { } value
            && !(option.Name == "seed" && Options.Any(o => o.Name == "seeds" && o.Value is not (null or ""))) ? value : null;

    string Line(IEnumerable<ShownOption> options) =>
        string.Join(" · ", options.Select(o => (o.How.Prefix, Value: Value(o))).Where(o => o.Value is not null).Select(o => o.Prefix + o.Value));

    /// <summary>Reads the config.json of a run of a script.</summary>
    /// <exception cref="TorchletException">The file is missing or damaged, or the run is one of another script.</exception>
    public static RunRecord Read(string file, string script)
    {
        var record = Read(file);
        return record.Script == script ? record
            : throw new TorchletException($"{file}: it is of a run of {Printable.Of(record.Script)}, and this is {script}; name a run of {script}.");
    }

    /// <summary>Reads a run's config.json.</summary>
    /// <exception cref="TorchletException">The file is missing or damaged.</exception>
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
                Trained = TrainedOf(root),
                StartFile = root.TryGetProperty(Start, out var start) && start.ValueKind == JsonValueKind.Object && ValueOf(start.GetProperty(File)) is { } path
                    ? (path, $"{ValueOf(start.GetProperty(Sha256))}") : null,
                Time = root.TryGetProperty("time", out var time) ? $"{time.GetString()}" : "",
                CommandLine = root.TryGetProperty("command_line", out var words) ? [.. words.EnumerateArray().Select(word => $"{word.GetString()}")] : [],
            };
        }
        // JsonElement throws the last two for a value that is missing or of another kind.
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged(file, e);
        }
    }

    /// <summary>The file's text.</summary>
    /// <exception cref="TorchletException">The file is missing, or larger than any config.json of a run.</exception>
    public static string Text(string file)
    {
        if (!System.IO.File.Exists(file)) throw new TorchletException($"{file} is not there; name the folder of a run, or put a copy of the file back.");
        if (!RegularFile.Is(file)) throw Damaged(file, new JsonException($"it is not a file, or larger than {Largest >> 20} MB"));
        using var reader = new StreamReader(SystemFile.OpenRead(file));
        var text = new char[Largest + 1];
        var length = reader.ReadBlock(text);
        return length <= Largest ? new(text, 0, length) : throw Damaged(file, new JsonException($"it is larger than {Largest >> 20} MB"));
    }

    /// <summary>The error for a damaged config.json.</summary>
    public static TorchletException Damaged(string file, Exception e) =>
        new($"{file}: it is not what a run wrote ({Printable.Of(Reason(e).TrimEnd('.'))}); put a good copy back, or make the run again.", e);

    // The parser's message is for its caller, except for a JsonException of this program, which has no line.
    static string Reason(Exception e) => e switch
    {
        JsonException { LineNumber: { } line } => $"from line {line + 1} on it is no JSON",
        KeyNotFoundException => "a value is missing",
        InvalidOperationException => "a value is of another kind",
        _ => e.Message,
    };

    // A run writes every value as text; a user who edits the file may write numbers.
    static string? ValueOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : value.GetString();

    static ImmutableArray<(string, string)> PartsOf(JsonElement root) =>
        root.TryGetProperty(Instead, out var names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(name => ($"{name.GetString()}", PartOf(root.GetProperty(Recipe), $"{name.GetString()}")))]
            : [];

    static ImmutableSortedDictionary<string, string> TrainedOf(JsonElement root) =>
        root.TryGetProperty(Recipe, out var recipe) && recipe.ValueKind == JsonValueKind.Object
            ? recipe.EnumerateObject().ToImmutableSortedDictionary(part => part.Name, part => $"{ValueOf(part.Value)}", StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, string>.Empty;

    static string PartOf(JsonElement recipe, string name) => recipe.TryGetProperty(name, out var text) ? $"{ValueOf(text)}" : Torchlet.Recipe.None;

    static ImmutableSortedDictionary<string, string> ChecksumsOf(JsonElement root) =>
        root.TryGetProperty("data", out var data) && data.ValueKind != JsonValueKind.Null
            ? data.GetProperty("sha256").EnumerateObject().ToImmutableSortedDictionary(f => f.Name, f => $"{f.Value.GetString()}", StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>An option that the titles and legends of pictures show.</summary>
/// <param name="Name">Its name.</param>
/// <param name="How">How they show it.</param>
sealed record ShownOption(string Name, ShownAttribute How)
{
    // A config.json has the names and values of options, but not the record that declares them.
    static readonly ImmutableArray<(string Name, ShownAttribute? How)> Library =
    [
        .. from type in typeof(ScriptConfig).Assembly.GetExportedTypes()
           where type.IsAssignableTo(typeof(ScriptConfig))
           from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
           where OptionRule.IsOption(property)
           select (OptionRule.Name(property), property.GetCustomAttribute<ShownAttribute>()),
    ];

    /// <summary>The names of all options of the library.</summary>
    public static FrozenSet<string> NamesOfLibrary { get; } = [.. Library.Select(option => option.Name)];

    /// <summary>The library's options that are shown, in their order.</summary>
    public static ImmutableArray<ShownOption> OfLibrary { get; } =
        [.. from option in Library where option.How is not null orderby option.How.Order select new ShownOption(option.Name, option.How)];

    /// <summary>Parts of a recipe that no option describes, such as a custom preparation.</summary>
    public static IEnumerable<ShownOption> OfParts(IEnumerable<(string Part, string Text)> parts) =>
        from part in parts
        where OfLibrary.All(option => option.How.Part != part.Part)
        select new ShownOption(part.Part, new(int.MaxValue, $"{part.Part} ") { Part = part.Part });

    /// <summary>Whether it is the first option that describes its part of the recipe, or no option does.</summary>
    public bool IsFirstOfPart => OfLibrary.FirstOrDefault(option => option.How.Part == How.Part) is not { } first || first.Name == Name;
}
