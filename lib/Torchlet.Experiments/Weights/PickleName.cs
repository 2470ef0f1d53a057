namespace Torchlet;

/// <summary>A global that a pickle mentions, as <c>module.name</c>.</summary>
public sealed record PickleName(string Name);
