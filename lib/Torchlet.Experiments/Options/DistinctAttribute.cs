using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>A list option in which no value may stand twice.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DistinctAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not IEnumerable list || list.Cast<object>().ToList() is var items && items.Distinct().Count() == items.Count;
}
