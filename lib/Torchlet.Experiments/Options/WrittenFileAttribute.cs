namespace Torchlet;

/// <summary>An option that names a file to write at the end: whether it can be written is looked at before the work begins.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WrittenFileAttribute : Attribute;
