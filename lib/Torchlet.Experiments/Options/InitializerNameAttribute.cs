using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of an initializer, one of them with any deviation.</summary>
public sealed class InitializerNameAttribute() : AllowedValuesAttribute([.. Initializer.All.Select(i => i.Name)])
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string name && Initializer.Named(name) is not null;
}
