using System.Reflection;
using System.Text;
using ScottPlot;
using SkiaSharp;

namespace Torchlet;

/// <summary>The font of plots. Skia draws boxes for what a font lacks, and says nothing of it.</summary>
static class PlotFont
{
    /// <summary>The fonts that come along; each is read when a text needs it.</summary>
    static readonly Lazy<BundledFont>[] Bundled =
    [
        new(() => Registered(new(InterFont.Name, InterFont.Read("/Assets/Inter-Regular.ttf")))),
        new(() => Registered(new(BundledFont.Korean, BundledFont.Read("NotoSansKR.otf")))),
    ];

    static readonly HashSet<string> Warned = [];

    static readonly EnumerationOptions AtAnyDepth = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>Gives the plot's texts a font that has all their glyphs: one that comes along, else one of this system.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="texts">Those texts that do not come from this program, such as the name of a data set.</param>
    public static Plot WithFont(this Plot plot, IEnumerable<string> texts)
    {
        plot.Font.Set(Covering(string.Concat(texts), SystemFolders(), text =>
        {
            if (Warned.Add(text)) Notice.Warn(text);
        }));
        plot.Axes.Left.Label.FontName = InterFont.Name; // Units are this program's own texts, with signs that other fonts lack: ‖·‖₂.
        return plot;
    }

    /// <summary>The name of a registered font that has every glyph of a text. If there is none, a warning and the bundled font that has most.</summary>
    internal static string Covering(string text, IEnumerable<string> folders, Action<string> warn)
    {
        var visible = Printable.Composed(Printable.Whole(text)); // As the texts are drawn: see FittingText.
        if (Bundled.FirstOrDefault(font => font.Value.Covers(visible)) is { } own) return own.Value.Name;
        var able = Files(folders).Where(file => Covers(file, visible));
        if ((able.FirstOrDefault(IsRegular) ?? able.FirstOrDefault()) is { } found)
        {
            Fonts.AddFontFile(found, found);
            return found;
        }
        var runes = visible.EnumerateRunes().Distinct().ToList();
        var best = Bundled.Select(font => font.Value).MinBy(font => runes.Count(rune => !font.Covers($"{rune}")))!;
        var missing = string.Concat(runes.Where(rune => !best.Covers($"{rune}")));
        warn($"no font here has '{Printable.Of(missing)}', so plots show boxes in its place; "
            + "install one that has (Debian and Ubuntu: apt install fonts-noto).");
        return best.Name;
    }

    static BundledFont Registered(BundledFont font)
    {
        Fonts.FontResolvers.Insert(0, font);
        return font;
    }

    static IEnumerable<string> Files(IEnumerable<string> folders) =>
        from folder in folders.Where(Directory.Exists)
        from file in Directory.EnumerateFiles(folder, "*.*", AtAnyDepth).Order(StringComparer.Ordinal)
        where Path.GetExtension(file).ToLowerInvariant() is ".ttf" or ".otf" or ".ttc"
        select file;

    static bool Covers(string file, string text)
    {
        using var typeface = SKTypeface.FromFile(file);
        return typeface?.ContainsGlyphs(text) ?? false;
    }

    /// <summary>Whether it is the plain face of its family: neither bold, light, slanted nor condensed.</summary>
    static bool IsRegular(string file)
    {
        using var typeface = SKTypeface.FromFile(file);
        return typeface is { FontWeight: (int)SKFontStyleWeight.Normal, FontWidth: (int)SKFontStyleWidth.Normal, FontSlant: SKFontStyleSlant.Upright };
    }

    static IEnumerable<string> SystemFolders() =>
        OperatingSystem.IsWindows() ? [Environment.GetFolderPath(Environment.SpecialFolder.Fonts)]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Fonts", "/Library/Fonts"]
        : ["/usr/share/fonts", "/usr/local/share/fonts",
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "fonts")];
}

/// <summary>A font that plots find by its name, on every system.</summary>
/// <param name="name">Its name.</param>
/// <param name="typeface">The font.</param>
sealed class BundledFont(string name, SKTypeface typeface) : IFontResolver
{
    /// <summary>The name of the font with Korean letters (SIL Open Font License 1.1); see Fonts/README.md.</summary>
    public const string Korean = "Noto Sans CJK KR";

    public string Name => name;

    /// <summary>Whether the font has a glyph for every character of a text.</summary>
    public bool Covers(string text) => typeface.ContainsGlyphs(text);

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => fontName == name ? typeface : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => CreateTypeface(fontName, default(FontWeight), default, default);

    /// <summary>A font in a resource of this assembly.</summary>
    public static SKTypeface Read(string resource)
    {
        using var stream = typeof(BundledFont).Assembly.GetManifestResourceStream(resource)!;
        return SKTypeface.FromStream(stream);
    }
}

/// <summary>Inter by Rasmus Andersson (SIL Open Font License 1.1), out of the package Avalonia.Fonts.Inter.</summary>
/// <remarks>
/// The package's assembly is a container only: it is never run, and Avalonia is not needed. Its resource begins with the index's length,
/// the index (version 2, number of entries; of each its path, offset and size) and then holds the files.
/// </remarks>
static class InterFont
{
    public const string Name = "Inter";

    const string Container = "Avalonia.Fonts.Inter.dll", Resource = "!AvaloniaResources";
    const int IndexVersion = 2;

    /// <summary>The font at a path in the container.</summary>
    public static SKTypeface Read(string path)
    {
        using var resource = Assembly.LoadFile(Path.Combine(Natives.Folder, Container)).GetManifestResourceStream(Resource)!;
        using var reader = new BinaryReader(resource, Encoding.UTF8);
        var indexLength = reader.ReadInt32();
        if (reader.ReadInt32() is not IndexVersion and var version)
            throw new NotSupportedException($"{Container}: want index version {IndexVersion}, got {version}.");
        var entries = Enumerable.Range(0, reader.ReadInt32())
            .Select(_ => (Path: reader.ReadString(), Offset: reader.ReadInt32(), Size: reader.ReadInt32())).ToList();
        var (_, offset, size) = entries.Single(e => e.Path == path);
        resource.Position = sizeof(int) + indexLength + offset;
        return SKTypeface.FromData(SKData.CreateCopy(reader.ReadBytes(size)));
    }
}
