namespace Torchlet;

/// <summary>A drawing as a network sees it.</summary>
/// <param name="Frame">The figure in the frame.</param>
/// <param name="Oddity">Why it does not look like one digit; empty where it does.</param>
public sealed record FramedDrawing(GreyImage Frame, string Oddity);
