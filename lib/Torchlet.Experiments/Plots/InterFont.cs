using System.Reflection;
using System.Text;
using ScottPlot;
using SkiaSharp;

namespace Torchlet;

/// <summary>Inter by Rasmus Andersson (SIL Open Font License 1.1), out of the package Avalonia.Fonts.Inter.</summary>
/// <remarks>
/// The package's assembly is a container only: it is never run, and Avalonia is not needed. Its resource begins with the index's length,
/// the index (version 2, number of entries; of each its path, offset and size) and then holds the files.
/// </remarks>
sealed class InterFont : IFontResolver
{
    public const string Name = "Inter";

    const string Container = "Avalonia.Fonts.Inter.dll", Resource = "!AvaloniaResources";
    const int IndexVersion = 2;

    readonly SKTypeface typeface = Read("/Assets/Inter-Regular.ttf");

    /// <summary>Whether the font has a glyph for every character of a text.</summary>
    public bool Covers(string text) => typeface.ContainsGlyphs(text);

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? typeface : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, default(FontWeight), default, default);

    static SKTypeface Read(string path)
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
