namespace Torchlet;

/// <summary>The list that takes a command line's arguments which belong to no option.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PositionalAttribute : Attribute;
