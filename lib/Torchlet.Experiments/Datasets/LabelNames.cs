using System.Collections.Immutable;
using System.Globalization;

namespace Torchlet;

/// <summary>Labels as somebody's own data have them: names, of which each different one is a class.</summary>
static class LabelNames
{
    /// <summary>More classes than these are no classes, but numbers or names of single examples.</summary>
    public const int Most = 1000;

    /// <summary>The different ones: by size if all are numbers, else as Python sorts texts.</summary>
    public static ImmutableArray<string> Distinct(IEnumerable<string> labels)
    {
        var names = labels.Distinct().Order(StringComparer.Ordinal).ToList();
        return names.All(name => Number(name) is not null) ? [.. names.OrderBy(Number)] : [.. names];
    }

    /// <summary>The names, if there are so many classes that something is to be told apart, and no more than can be.</summary>
    /// <exception cref="TorchletException">There are not; the message says so without naming the file.</exception>
    public static ImmutableArray<string> Checked(ImmutableArray<string> names) => names switch
    {
        [var only] => throw new TorchletException($"has one class, '{Shown(only)}'; want two or more to tell apart"),
        { Length: > Most } => throw new TorchletException($"has {names.Length:n0} different labels; want at most {Most:n0} classes"),
        _ => names,
    };

    /// <summary>A class's name as it is printed and drawn. macOS writes Korean names of files in parts, which fonts do not join.</summary>
    public static string Shown(string name) => Printable.Of(name.Normalize());

    /// <summary>What to learn from and what to judge by, where nothing says.</summary>
    /// <exception cref="TorchletException">A class has too few examples for both; the message says so without naming the file.</exception>
    public static (ImmutableArray<int> Train, ImmutableArray<int> Test) Held(IReadOnlyCollection<int> labels, ImmutableArray<string> names)
    {
        if (labels.CountBy(label => label).FirstOrDefault(count => count.Value == 1, new(-1, 0)) is { Key: >= 0 and var lonely })
            throw new TorchletException($"has one example of the class '{Shown(names[lonely])}'; want two or more, since some are held out for the test");
        return HoldOut.Of(labels);
    }

    static double? Number(string name) => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
