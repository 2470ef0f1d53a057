namespace Torchlet;

/// <summary>Where in a batch the examples lie that a pass is about, when others see to the rest.</summary>
/// <param name="First">The first of them, from 0.</param>
/// <param name="Whole">How many the batch has.</param>
public readonly record struct Part(int First, int Whole);
