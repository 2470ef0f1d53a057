using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of an augmentation with its number, or several.</summary>
public sealed class AugmentationNameAttribute()
    : AllowedValuesAttribute([.. Augmentation.All.Select(a => FormattableString.Invariant($"{a.Name}:{a.Usual}"))])
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string name && Augmentation.Named(name) is not null;
}
