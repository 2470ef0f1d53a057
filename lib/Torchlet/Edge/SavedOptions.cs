using System.Text.Json;

namespace Torchlet;

/// <summary>The options of an earlier run, as its config.json has them.</summary>
static class SavedOptions
{
    const string ConfigFile = "config.json";

    /// <summary>The path of the config.json that <paramref name="place"/> is or holds.</summary>
    /// <exception cref="TorchletException">There is no such file.</exception>
    public static string FileOf(string place) =>
        Directory.Exists(place) && Path.Combine(place, ConfigFile) is var inside ? File.Exists(inside) ? inside : throw new TorchletException($"--config {place}: the folder holds no {ConfigFile}; name a run's folder or its {ConfigFile}.")
        : File.Exists(place) ? place : throw new TorchletException($"--config {place}: there is no such file; name a run's folder or its {ConfigFile}.");

    /// <summary>Every option with its value as it would be typed; null for one that was left to its default.</summary>
    /// <param name="file">A run's config.json.</param>
    /// <param name="script">The script that asks.</param>
    /// <exception cref="TorchletException">It is no run's config.json, or another script's.</exception>
    public static IReadOnlyList<(string Name, string? Value)> Read(string file, string script)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            var (by, options) = (json.RootElement.GetProperty("script").GetString(), json.RootElement.GetProperty("options"));
            return by == script ? [.. options.EnumerateObject().Select(o => (o.Name, Text(o.Value)))]
                : throw new TorchletException($"{file}: it is of a run of {Printable.Of($"{by}")}, and this is {script}.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new TorchletException($"{file}: it is no run's {ConfigFile}: {Printable.Of(e.Message)}", e);
        }
    }

    static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
