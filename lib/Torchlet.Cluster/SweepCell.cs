using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>One run of a sweep.</summary>
/// <param name="Id">What its numbers depend on, as a hash.</param>
/// <param name="Seed">Its seed; null in a script that has none.</param>
/// <param name="Values">The values of the options that the sweep varies, without the seed.</param>
/// <param name="Arguments">Its command line.</param>
sealed record SweepCell(string Id, string? Seed, ImmutableArray<string> Values, ImmutableArray<string> Arguments)
{
    /// <summary>The folder from which relative paths in its command line lead; null for the folder where the sweep's script runs.</summary>
    public string? Folder { get; init; }

    /// <summary>The cells of a plan's file, one a line.</summary>
    /// <exception cref="TorchletException">The file is something else.</exception>
    public static IReadOnlyList<SweepCell> Read(string file) => SweepJson.Read(file, "it is not the plan of a sweep", "run the sweep's command again", text =>
    {
        var (cells, ids) = (new List<SweepCell>(), new HashSet<string>());
        while (text.ReadLine() is { } line)
        {
            cells.Add(Parse(line));
            if (!ids.Add(cells[^1].Id)) throw new JsonException($"line {cells.Count}: the cell {cells[^1].Id} is there twice");
        }
        return cells;
    });

    /// <summary>The cell as a line of JSON.</summary>
    public string Line => new JsonObject
    {
        ["cell"] = Id, ["seed"] = Seed, ["values"] = Texts(Values), ["arguments"] = Texts(Arguments), ["folder"] = Folder,
    }.ToJsonString();

    /// <summary>An array of texts as JSON.</summary>
    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)text)]);

    /// <summary>The texts of such an array.</summary>
    public static ImmutableArray<string> Texts(JsonNode json) => [.. json.AsArray().Select(text => text!.GetValue<string>())];

    static SweepCell Parse(string line)
    {
        using var json = SweepJson.Parse(line);
        var root = json.RootElement;
        // The id becomes the names of files.
        var id = Text(root.Field("cell")) is var text && CellIdentity.IsId(text) ? text : throw new JsonException($"'{text}' is not the ID of a cell");
        return new(id, root.Field("seed").GetString(), List("values"), List("arguments"))
        {
            Folder = root.TryGetProperty("folder", out var folder) ? folder.GetString() : null,
        };

        ImmutableArray<string> List(string name) => [.. root.Field(name).EnumerateArray().Select(Text)];
        static string Text(JsonElement text) => text.GetString() ?? throw new JsonException("a text is null");
    }
}

/// <summary>Files of a cell in a sweep's folder: the run's folder, and the result next to it. One process at a time writes them.</summary>
/// <param name="Sweep">The sweep's folder.</param>
/// <param name="Id">The cell.</param>
sealed record CellFiles(string Sweep, string Id)
{
    /// <summary>The folder of a sweep's cells.</summary>
    public const string Home = "cells";

    /// <summary>The folder of its run.</summary>
    public string Run => Path.Combine(Sweep, Home, Id);

    /// <summary>Its figures; it is there once the cell is done.</summary>
    public string Result => $"{Run}.json";

    /// <summary>Why it failed, in one line.</summary>
    public string Failure => $"{Run}.failed";

    /// <summary>The output of the cell.</summary>
    public string Printed => $"{Run}.txt";

    /// <summary>Whether there is nothing to do any more.</summary>
    public bool IsDone => File.Exists(Result);

    /// <summary>Its figures, or why they cannot be read.</summary>
    public Reading<CellResult> Read() => Reading.Of(Result, () => CellResult.Read(Result));
}

/// <summary>Tells cells apart by all that their numbers depend on: the script, the library, the data and the resolved options.</summary>
/// <param name="script">The script's path.</param>
sealed class CellIdentity(string script)
{
    // Builds of the same sources are the same to the byte, and have the same identifier.
    static readonly string Library = typeof(CellIdentity).Module.ModuleVersionId.ToString("n");

    const int Digits = 16;

    readonly string text = File.Exists(script) ? Convert.ToHexStringLower(SHA256.HashData(RegularFile.Bytes(script))) : "";
    readonly Dictionary<string, string> checksums = [];

    /// <summary>The hash of a run's options, data, library and script: 16 hexadecimal digits.</summary>
    /// <exception cref="TorchletException">The data are not there.</exception>
    public string Of(ScriptConfig config, CancellationToken stop)
    {
        string[] apart = [.. CommandLine.NotReplayed(config), .. config is RunConfig ? new[] { OptionRule.Kebab(nameof(RunConfig.Data)) } : []];
        var options = CommandLine.Options(config).Where(o => !apart.Contains(o.Name)).Select(o => $"{o.Name}={o.Value}\n");
        var data = config is RunConfig run ? Data(run.Data, stop) : "";
        var facts = $"library={Library}\nscript={Path.GetFileName(script)} {text}\n{data}{string.Concat(options)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts)))[..Digits];
    }

    /// <summary>Whether a text can be such a hash.</summary>
    public static bool IsId(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The checksums of the data set that --data names, wherever it is stored.</summary>
    string Data(string named, CancellationToken stop)
    {
        if (checksums.TryGetValue(named, out var known)) return known;
        return checksums[named] = string.Concat(Datasets.Checksums(named, new() { Stop = stop }).Select(file => $"{file.Key}={file.Value}\n"));
    }
}
