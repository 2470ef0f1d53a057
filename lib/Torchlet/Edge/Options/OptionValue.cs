using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Torchlet;

/// <summary>An option's value as text and back. Its property says of which type it is, and its attributes in which range.</summary>
static class OptionValue
{
    /// <summary>The value that a text stands for.</summary>
    /// <exception cref="FormatException">It is out of the property's type or range; the message says what is wanted.</exception>
    public static object Parse(PropertyInfo property, string text)
    {
        var type = property.PropertyType;
        try
        {
            return ElementType(type) is { } element
                ? Array(property, element, text.Length == 0 ? [] : text.Split(',').Select(part => Item(property, element, part)))
                : Item(property, Nullable.GetUnderlyingType(type) ?? type, text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new FormatException($"want {Wanted(property)}{(Nearest(property, text) is { } near ? $"; did you mean {near}?" : ".")}", e);
        }
    }

    /// <summary>The value as it would be typed; null for one left to its default.</summary>
    public static string? Show(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable list => string.Join(',', list.Cast<object>().Select(Show)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>The type's name for the person at the keyboard.</summary>
    public static string TypeName(Type type) =>
        ElementType(type) is { } element ? $"{TypeName(element)},…"
        : (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(int) || t == typeof(long) => "integer",
            var t when t == typeof(double) => "number",
            var t when t == typeof(bool) => "true|false",
            _ => "text",
        };

    /// <summary>The type of a list's items; null for what is no list.</summary>
    public static Type? ElementType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetGenericArguments()[0] : null;

    static object Item(PropertyInfo property, Type type, string text)
    {
        var value = Scalar(type, text);
        return OfItems(property).All(check => check.IsValid(value)) ? value : throw new FormatException();
    }

    static object Scalar(Type type, string text) =>
        type == typeof(bool) && !bool.TryParse(text, out _) ? throw new FormatException()
        : type == typeof(double) ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
        : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);

    static object Array(PropertyInfo property, Type element, IEnumerable<object> values)
    {
        var items = values.ToArray();
        if (!OfLists(property).All(check => check.IsValid(items))) throw new FormatException();
        var array = System.Array.CreateInstance(element, items.Length);
        items.CopyTo(array, 0);
        return typeof(ImmutableArray).GetMethods().Single(m => m.Name == nameof(ImmutableArray.Create) && m.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(element).Invoke(null, [array])!;
    }

    static IEnumerable<ValidationAttribute> OfItems(PropertyInfo property) => property.GetCustomAttributes<ValidationAttribute>().Where(check => !IsOfLists(check));

    static IEnumerable<ValidationAttribute> OfLists(PropertyInfo property) => property.GetCustomAttributes<ValidationAttribute>().Where(IsOfLists);

    static bool IsOfLists(ValidationAttribute check) => check is MinLengthAttribute or DistinctAttribute;

    static string Wanted(PropertyInfo property)
    {
        var type = TypeName(property.PropertyType);
        var items = OfItems(property).Select(Wanted).ToList();
        return string.Join(", ", [.. type.StartsWith("text", StringComparison.Ordinal) && items.Count > 0 ? [] : new[] { type }, .. items, .. OfLists(property).Select(Wanted)]);
    }

    static string Wanted(ValidationAttribute check) => check switch
    {
        RangeAttribute { MinimumIsExclusive: true } range => $"above {Plainly(range.Minimum)} and at most {Plainly(range.Maximum)}",
        RangeAttribute range => $"{Plainly(range.Minimum)} to {Plainly(range.Maximum)}",
        AllowedValuesAttribute allowed => string.Join(" or ", allowed.Values),
        MinLengthAttribute => "at least one",
        DistinctAttribute => "each once",
        _ => check.FormatErrorMessage("the value"),
    };

    static string Plainly(object bound) => bound is double number ? number.ToString("0.############", CultureInfo.InvariantCulture) : $"{bound}";

    static string? Nearest(PropertyInfo property, string text) =>
        property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed && text.Split(',').FirstOrDefault(part => !allowed.Values.Contains(part)) is { } wrong
            ? NearestMatch.Of(wrong, allowed.Values.OfType<string>()) : null;
}
