using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>A text option that names something: where it is given, it is not the empty text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotEmptyAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not "";
}
