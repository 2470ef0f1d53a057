namespace Torchlet;

/// <summary>A drawing out of a file.</summary>
/// <param name="Name">The file's name, fit for one line.</param>
/// <param name="Thumbnail">The picture, small.</param>
/// <param name="Framed">What of it a network is to see.</param>
public sealed record NamedDrawing(string Name, Pixels Thumbnail, FramedDrawing Framed);
