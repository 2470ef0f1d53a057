using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>A number of examples, or below 1 a share of them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CountOrShareAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null || value is double number and > 0 and <= 1e9 && (number < 1 || number == Math.Floor(number));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => "a whole one, or a share above 0 and below 1";
}
