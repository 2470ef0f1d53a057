using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Torchlet;

/// <summary>Parses the values of options: the property gives the type, and its attributes the range.</summary>
static class OptionValue
{
    /// <summary>The value of a text.</summary>
    /// <exception cref="FormatException">The text is outside the property's type or range; the message says what is wanted.</exception>
    public static object Parse(PropertyInfo property, string text)
    {
        var type = property.PropertyType;
        try
        {
            return OptionRule.ItemType(type) is { } element
                ? Array(property, element, text.Length == 0 ? [] : text.Split(',').Select(part => Item(property, element, part)))
                : Item(property, Nullable.GetUnderlyingType(type) ?? type, text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new FormatException($"want {OptionRule.Wanted(property)}{(Nearest(property, text) is { } near ? $"; did you mean {near}?" : ".")}", e);
        }
    }

    static object Item(PropertyInfo property, Type type, string text)
    {
        var value = Scalar(type, text);
        return OptionRule.AllowsItem(property, value) ? value : throw new FormatException();
    }

    static object Scalar(Type type, string text) =>
        type == typeof(bool) && !bool.TryParse(text, out _) ? throw new FormatException()
        : type == typeof(double) ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
        : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);

    static object Array(PropertyInfo property, Type element, IEnumerable<object> values)
    {
        var items = values.ToArray();
        if (!OptionRule.AllowsList(property, items)) throw new FormatException();
        var array = System.Array.CreateInstance(element, items.Length);
        items.CopyTo(array, 0);
        return typeof(ImmutableArray).GetMethods().Single(m =>
            m.Name == nameof(ImmutableArray.Create) && m.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(element).Invoke(null, [array])!;
    }

    static string? Nearest(PropertyInfo property, string text) =>
        property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed
            && text.Split(',').FirstOrDefault(part => !allowed.Values.Contains(part)) is { } wrong
            ? NearestMatch.Of(wrong, allowed.Values.OfType<string>()) : null;
}
