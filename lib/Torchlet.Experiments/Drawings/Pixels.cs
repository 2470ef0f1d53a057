namespace Torchlet;

/// <summary>A picture, row by row from the top, as a viewer shows it.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgba">Red, green, blue and opacity of each pixel, 0 … 255, the colours not multiplied by the opacity.</param>
public sealed record Pixels(int Width, int Height, byte[] Rgba);
