using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>
/// A page in one file, which a browser opens from a disk without a server or a network: NAME.html with NAME.css, NAME.js and its data put into it.
/// The three are next to this file and are embedded by the build.
/// </summary>
static class Page
{
    /// <summary>The page's text.</summary>
    /// <param name="name">Which page.</param>
    /// <param name="data">What it shows.</param>
    public static string Of(string name, JsonNode data) => Embedded($"{name}.html")
        .Replace("/*style*/", Embedded($"{name}.css"), StringComparison.Ordinal)
        .Replace("/*script*/", Embedded($"{name}.js"), StringComparison.Ordinal)
        // JSON is written with every < and & escaped, so no text in it can end the element that contains it.
        .Replace("/*data*/", data.ToJsonString(), StringComparison.Ordinal);

    /// <summary>A file's address on the page, relative to the page's folder; of a folder with a / at its end.</summary>
    public static string Link(string folder, string path) =>
        string.Join('/', Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString)) is var link
        && Directory.Exists(path) ? link + "/" : link;

    /// <summary>The text of a file that the build embeds.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static string Embedded(string file)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream(file)
            ?? throw new ArgumentException($"{file}: want a file that is embedded.", nameof(file));
        return new StreamReader(stream).ReadToEnd();
    }
}
