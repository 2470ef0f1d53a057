using System.Globalization;
using System.Reflection;

namespace Torchlet;

/// <summary>
/// Functions that carry their name, the text that makes them again: <c>cross_entropy</c>, <c>Focal(2)</c>, <c>shift:2</c>. The text is part of the
/// delegate, so a record computed from the functions that run cannot differ from them.
/// </summary>
public static class Named
{
    /// <summary>The text of a custom function, which cannot be made again from a text.</summary>
    public const string Own = "own";

    /// <summary>The text that a function was made with or that its method declares; <see cref="Own"/> for any other, such as a lambda.</summary>
    public static string TextOf(Delegate function) =>
        (function.Target as INamed)?.Text ?? function.Method.GetCustomAttribute<NamedAttribute>()?.Text ?? Own;

    /// <summary>Whether a text, or a part of it, is that of a custom function.</summary>
    public static bool IsOwn(string text) => text.Split(' ', '(', ')', ',').Contains(Own);

    /// <summary>A loss with its text.</summary>
    internal static Loss Loss(string text, Loss loss) => new NamedFunction<Loss>(text, loss).Call;

    /// <summary>A preparation of batches with its text.</summary>
    internal static Func<Batch, Batch> Preparation(string text, Func<Batch, Batch> prepare) => new NamedFunction<Func<Batch, Batch>>(text, prepare).Call;

    /// <summary>An augmentation with its text.</summary>
    internal static Func<Batch, TorchRandom, Batch> Augmentation(string text, Func<Batch, TorchRandom, Batch> change) =>
        new NamedFunction<Func<Batch, TorchRandom, Batch>>(text, change).Call;

    // A delegate of these methods holds the named function as its target, where TextOf finds it.
    static TorchSharp.torch.Tensor Call(this NamedFunction<Loss> named, TorchSharp.torch.Tensor output, TorchSharp.torch.Tensor target) =>
        named.Function(output, target);

    static Batch Call(this NamedFunction<Func<Batch, Batch>> named, Batch batch) => named.Function(batch);

    static Batch Call(this NamedFunction<Func<Batch, TorchRandom, Batch>> named, Batch batch, TorchRandom random) => named.Function(batch, random);
}

/// <summary>A value with the text that makes it again.</summary>
interface INamed
{
    /// <summary>The text.</summary>
    string Text { get; }
}

/// <summary>A function with the text that makes it again.</summary>
sealed record NamedFunction<F>(string Text, F Function) : INamed where F : Delegate;

/// <summary>The text of a function that takes no settings: <c>[Named("cross_entropy")]</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class NamedAttribute(string text) : Attribute
{
    /// <summary>The text.</summary>
    public string Text => text;
}

/// <summary>A name with a number, as an option spells it: <c>normal:0.01</c>, <c>shift:2</c>.</summary>
readonly record struct NumberedName(string Name, double Number)
{
    /// <summary>The name and the number in a text; null where it is written in another way.</summary>
    public static NumberedName? Parse(string text) =>
        text.Split(':') is [var name, var number] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new(name, value)
            : null;
}
