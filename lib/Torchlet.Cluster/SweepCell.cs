using System.Collections.Immutable;
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
    /// <summary>The cells of a plan's file, one a line.</summary>
    /// <exception cref="TorchletException">It is no such file.</exception>
    public static IReadOnlyList<SweepCell> Read(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(Parse)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new TorchletException($"{file}: it is no plan of a sweep; run the sweep's command again.", e);
        }
    }

    /// <summary>The cell as a line of JSON.</summary>
    public string Line => new JsonObject
    {
        ["cell"] = Id, ["seed"] = Seed, ["values"] = Texts(Values), ["arguments"] = Texts(Arguments),
    }.ToJsonString();

    /// <summary>An array of texts as JSON.</summary>
    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)text)]);

    /// <summary>The texts of such an array.</summary>
    public static ImmutableArray<string> Texts(JsonNode json) => [.. json.AsArray().Select(text => text!.GetValue<string>())];

    static SweepCell Parse(string line) => JsonNode.Parse(line)!.AsObject() is var json
        ? new(json["cell"]!.GetValue<string>(), json["seed"]?.GetValue<string>(), Texts(json["values"]!), Texts(json["arguments"]!))
        : throw new JsonException();
}
