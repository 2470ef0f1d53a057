using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Torchlet;

/// <summary>The allowed values of an option, given by the type and the attributes of its property, on the command line and in code alike.</summary>
public static partial class OptionRule
{
    /// <summary>The same options, if each has a value that a command line could give it.</summary>
    /// <exception cref="ArgumentException">
    /// One has not; the message says which, what it is and what is wanted. Or one has no effect with another; the message names both.
    /// </exception>
    public static T Checked<T>(T config) where T : ScriptConfig
    {
        foreach (var property in config.GetType().GetProperties().Where(p => p.CanWrite))
            if (property.GetValue(config) is var value && !Allows(property, value))
                throw new ArgumentException(
                    $"{property.Name} (--{Name(property)}) is {(IsNothing(value) ? "nothing" : $"'{Show(value)}'")}, want {Wanted(property)}.", nameof(config));
        return Conflict(config) is { } conflict ? throw new ArgumentException(conflict, nameof(config)) : config;
    }

    /// <summary>The error message for options that exclude one another, by <see cref="OnlyWithAttribute"/> or otherwise; null if they agree.</summary>
    internal static string? Conflict(ScriptConfig config)
    {
        var plain = Plain(config);
        return (from property in Dependent.GetOrAdd(config.GetType(), DependentOf)
                where IsGiven(property, config, plain)
                let only = property.GetCustomAttribute<OnlyWithAttribute>()
                let other = config.GetType().GetProperty(only.Option)!
                let value = Show(other.GetValue(config))
                where !only.Values.Contains(value)
                select $"--{Name(property)} goes with {Companions(property)} only, and --{Name(other)} is {value}.").FirstOrDefault() ?? config.Conflict;
    }

    // A sweep reads thousands of command lines, and to look for attributes takes most of the time.
    static readonly ConcurrentDictionary<Type, ImmutableArray<PropertyInfo>> Dependent = [];

    static ImmutableArray<PropertyInfo> DependentOf(Type config) =>
        [.. config.GetProperties().Where(property => property.GetCustomAttribute<OnlyWithAttribute>() is not null)];

    /// <summary>The options that an option needs: <c>--optimizer sgd, momentum or nesterov</c>; null if it needs none.</summary>
    internal static string? Companions(PropertyInfo property) => property.GetCustomAttribute<OnlyWithAttribute>() is { } only
        ? $"--{Name(property.ReflectedType!.GetProperty(only.Option)!)} {Either(only.Values)}"
        : null;

    /// <summary>Whether an option has another value than its record gives it: null is none.</summary>
    static bool IsGiven(PropertyInfo property, ScriptConfig config, object? plain) =>
        property.GetValue(config) is { } value && (plain is not null ? Show(value) != Show(property.GetValue(plain)) : MayBeNothing(property));

    /// <summary>The record as it is made of nothing; null where it cannot be.</summary>
    internal static object? Plain(ScriptConfig config) => config.GetType().GetConstructor(Type.EmptyTypes)?.Invoke(null);

    /// <summary>Whether a property of a config record is an option.</summary>
    internal static bool IsOption(PropertyInfo property) => property.CanWrite && property.GetCustomAttribute<PositionalAttribute>() is null;

    /// <summary>The option's name: Display's, else the property's in kebab-case.</summary>
    internal static string Name(PropertyInfo property) => property.GetCustomAttribute<DisplayAttribute>()?.Name ?? Kebab(property.Name);

    /// <summary>A property's name as an option's: batch-size for BatchSize.</summary>
    internal static string Kebab(string name) => WordStart().Replace(name, "-$0").ToLowerInvariant();

    /// <summary>The value as it would be typed; null for one left to its default.</summary>
    internal static string? Show(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable list => string.Join(',', list.Cast<object>().Select(Show)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>The type's name for the person at the keyboard.</summary>
    internal static string TypeName(Type type) =>
        ItemType(type) is { } element ? $"{TypeName(element)},…"
        : (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(int) || t == typeof(long) => "integer",
            var t when t == typeof(double) => "number",
            var t when t == typeof(bool) => "true|false",
            _ => "text",
        };

    /// <summary>The type of a list's items; null for other types.</summary>
    internal static Type? ItemType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>Whether the attributes let a value, or an item of a list, be what it is.</summary>
    internal static bool AllowsItem(PropertyInfo property, object? value) => OfItems(property).All(check => check.IsValid(value));

    /// <summary>Whether they let a list as a whole be what it is.</summary>
    internal static bool AllowsList(PropertyInfo property, object?[] items) => OfLists(property).All(check => check.IsValid(items));

    /// <summary>The allowed values of the option, in words.</summary>
    internal static string Wanted(PropertyInfo property)
    {
        var type = TypeName(property.PropertyType);
        var items = OfItems(property).Select(Wanted).ToList();
        var isSaid = type.StartsWith("text", StringComparison.Ordinal) && items.Count > 0;
        return string.Join(", ", [.. isSaid ? [] : new[] { type }, .. items, .. OfLists(property).Select(Wanted)]);
    }

    static bool Allows(PropertyInfo property, object? value) =>
        value is null ? MayBeNothing(property)
        : ItemType(property.PropertyType) is null ? AllowsItem(property, value)
        : !IsNothing(value) && ((IEnumerable)value).Cast<object?>().ToArray() is var items
            && items.All(item => item is not null && AllowsItem(property, item)) && AllowsList(property, items);

    static bool MayBeNothing(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) is not null
        || new NullabilityInfoContext().Create(property).ReadState != NullabilityState.NotNull;

    /// <summary>Whether it is null, or a list that was never made.</summary>
    static bool IsNothing(object? value) =>
        value is null || value.GetType() is var type && ItemType(type) is not null && value.Equals(Activator.CreateInstance(type));

    static IEnumerable<ValidationAttribute> OfItems(PropertyInfo property) =>
        property.GetCustomAttributes<ValidationAttribute>().Where(check => !IsOfLists(check));

    static IEnumerable<ValidationAttribute> OfLists(PropertyInfo property) => property.GetCustomAttributes<ValidationAttribute>().Where(IsOfLists);

    static bool IsOfLists(ValidationAttribute check) => check is MinLengthAttribute or DistinctAttribute;

    static string Wanted(ValidationAttribute check) => check switch
    {
        RangeAttribute { MinimumIsExclusive: true } range =>
            $"above {Plainly(range.Minimum)} and {(range.MaximumIsExclusive ? "below" : "at most")} {Plainly(range.Maximum)}",
        RangeAttribute range => $"{Plainly(range.Minimum)} to {(range.MaximumIsExclusive ? "less than " : "")}{Plainly(range.Maximum)}",
        AllowedValuesAttribute allowed => Either([.. allowed.Values.Select(value => $"{value}")]),
        MinLengthAttribute => "at least one",
        DistinctAttribute => "each once",
        NotEmptyAttribute => "text that is not empty",
        _ => check.FormatErrorMessage("the value"),
    };

    static string Either(ImmutableArray<string> names) =>
        names is [.. var first, var last] && first.Length > 0 ? $"{string.Join(", ", first)} or {last}" : string.Concat(names);

    static string Plainly(object bound) => bound is double number ? number.ToString("0.############", CultureInfo.InvariantCulture) : $"{bound}";

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}

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
