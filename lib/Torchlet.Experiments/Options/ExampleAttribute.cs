namespace Torchlet;

/// <summary>Options that --help shows as an example.</summary>
/// <param name="options">As they would be typed.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExampleAttribute(string options) : Attribute
{
    /// <summary>As they would be typed.</summary>
    public string Options => options;
}
