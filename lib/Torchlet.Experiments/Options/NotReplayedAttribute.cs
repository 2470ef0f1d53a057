namespace Torchlet;

/// <summary>
/// An option that says where a run writes or what it shows, not what it computes: <c>--config</c> leaves it out, so that a
/// replay never writes to the first run's places.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotReplayedAttribute : Attribute;
