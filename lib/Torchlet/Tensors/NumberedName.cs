using System.Globalization;

namespace Torchlet;

/// <summary>A name with a number, as an option spells it: <c>normal:0.01</c>, <c>shift:2</c>.</summary>
readonly record struct NumberedName(string Name, double Number)
{
    /// <summary>The name and the number in a text; null where it is written in another way.</summary>
    public static NumberedName? Parse(string text) =>
        text.Split(':') is [var name, var number] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new(name, value)
            : null;
}
