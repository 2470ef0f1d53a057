using ScottPlot;
using SkiaSharp;

namespace Torchlet;

/// <summary>The font of plots. Skia draws boxes for what a font lacks, and says nothing of it.</summary>
static class PlotFont
{
    static readonly Lazy<InterFont> Inter = new(() =>
    {
        var font = new InterFont();
        Fonts.FontResolvers.Insert(0, font);
        return font;
    });

    static readonly HashSet<string> Warned = [];

    static readonly EnumerationOptions AtAnyDepth = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>Gives the plot's texts a font that has all their glyphs: Inter, else one of this system.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="texts">Those texts that do not come from this program, such as the name of a data set.</param>
    public static Plot WithFont(this Plot plot, IEnumerable<string> texts)
    {
        plot.Font.Set(Covering(string.Concat(texts), SystemFolders(), text =>
        {
            if (Warned.Add(text)) Notice.Warn(text);
        }));
        return plot;
    }

    /// <summary>The name of a registered font that has every glyph of a text. If there is none, a warning and Inter.</summary>
    internal static string Covering(string text, IEnumerable<string> folders, Action<string> warn)
    {
        var visible = string.Concat(text.Where(c => !char.IsControl(c)));
        if (Inter.Value.Covers(visible)) return InterFont.Name;
        var able = Files(folders).Where(file => Covers(file, visible));
        if ((able.FirstOrDefault(IsRegular) ?? able.FirstOrDefault()) is { } found)
        {
            Fonts.AddFontFile(found, found);
            return found;
        }
        var missing = string.Concat(visible.EnumerateRunes().Where(rune => !Inter.Value.Covers($"{rune}")).Distinct());
        warn($"no font here has '{Printable.Of(missing)}', so plots show boxes in its place; "
            + "install one that has (Debian and Ubuntu: apt install fonts-noto-cjk).");
        return InterFont.Name;
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
