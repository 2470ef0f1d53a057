using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>A set of names, for <see cref="OneOfAttribute{TNames}"/>.</summary>
public interface INames
{
    /// <summary>The names, in the order of --help.</summary>
    static abstract IEnumerable<string> Names { get; }

    /// <summary>Whether a name outside the list is in the set: <c>normal:0.5</c>, where the list has <c>normal:0.01</c> as an example.</summary>
    static virtual bool Includes(string name) => false;
}

/// <summary>The option, or each item of a list option, is a name of a set.</summary>
/// <typeparam name="TNames">The set.</typeparam>
public sealed class OneOfAttribute<TNames>() : AllowedValuesAttribute([.. TNames.Names]) where TNames : INames
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => base.IsValid(value) || value is string name && TNames.Includes(name);
}

/// <summary>Names of activations; <c>leaky_relu:slope</c> with any slope from 0.</summary>
public sealed class ActivationNames : INames
{
    static IEnumerable<string> INames.Names => Activation.All.Select(a => a.Name);
    static bool INames.Includes(string name) => Activation.Named(name) is not null;
}

/// <summary>Names of augmentations, each with a number.</summary>
public sealed class AugmentationNames : INames
{
    static IEnumerable<string> INames.Names => Augmentation.All.Select(a => FormattableString.Invariant($"{a.Name}:{a.Usual}"));
    static bool INames.Includes(string name) => Augmentation.Named(name) is not null;
}

/// <summary>Names of orders of the examples.</summary>
public sealed class OrderNames : INames
{
    static IEnumerable<string> INames.Names => Orders.All.Select(Named.TextOf);
}

/// <summary>Names of initializers; <c>normal:σ</c> with any σ above 0.</summary>
public sealed class InitializerNames : INames
{
    static IEnumerable<string> INames.Names => Initializer.All.Select(i => i.Name);
    static bool INames.Includes(string name) => Initializer.Named(name) is not null;
}

/// <summary>Names of figures that choose the best epoch.</summary>
public sealed class JudgeNames : INames
{
    static IEnumerable<string> INames.Names => Metric.All.Select(metric => metric.Name).Prepend(JudgedBy.Loss.Figure);
}

/// <summary>Names of losses.</summary>
public sealed class LossNames : INames
{
    static IEnumerable<string> INames.Names => LossVariant.All.Select(v => v.Name);
}

/// <summary>Names of the losses that a training can minimise.</summary>
public sealed class TrainingLossNames : INames
{
    static IEnumerable<string> INames.Names => TrainConfig.ClassificationLosses.Concat(TrainConfig.RegressionLosses).Select(known => known.Name);
}

/// <summary>Names of models.</summary>
public sealed class ModelNames : INames
{
    static IEnumerable<string> INames.Names => NamedModel.All.Select(m => m.Name);
}

/// <summary>Names of optimizers.</summary>
public sealed class OptimizerNames : INames
{
    static IEnumerable<string> INames.Names => Optimizers.All.Select(o => o.Name);
}

/// <summary>Names of learning rate schedules.</summary>
public sealed class ScheduleNames : INames
{
    static IEnumerable<string> INames.Names => Schedules.All.Select(s => s.Name);
    static bool INames.Includes(string name) => Schedules.Find(name) is not null;
}

/// <summary>A number of examples, or, below 1, a share of them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CountOrShareAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is null || value is double number and > 0 and <= 1e9 && (number < 1 || number == Math.Floor(number));

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => "a whole one, or a share above 0 and below 1";
}

/// <summary>A list option without duplicates.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DistinctAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) =>
        value is not IEnumerable list || list.Cast<object>().ToList() is var items && items.Distinct().Count() == items.Count;
}

/// <summary>A text option that must not be the empty text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotEmptyAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not "";
}

/// <summary>
/// An option that has an effect only with some values of another option. With the other values, a value that differs from the record's default is
/// refused, on the command line and in code; --help says so.
/// </summary>
/// <param name="option">The property of the other option.</param>
/// <param name="values">The values that give this option an effect.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OnlyWithAttribute(string option, params string[] values) : Attribute
{
    /// <summary>The property of the other option.</summary>
    public string Option => option;

    /// <summary>The values that give this option an effect.</summary>
    public ImmutableArray<string> Values => [.. values];
}

/// <summary>
/// An option that says where a run writes or what it shows, not what it computes. <c>--config</c> leaves it out, so a replay never writes to the places
/// of the first run.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotReplayedAttribute : Attribute;

/// <summary>An option that names a file to write at the end. The script checks before the work begins that it can write there.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WrittenFileAttribute : Attribute;

/// <summary>An option that names a file or a folder to read. The script checks before the work begins that none of the files to write is in it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReadPlaceAttribute : Attribute;

/// <summary>The list of the command line's arguments that belong to no option.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PositionalAttribute : Attribute;

/// <summary>Options that --help shows as an example.</summary>
/// <param name="options">The options as a user types them.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExampleAttribute(string options) : Attribute
{
    /// <summary>The options as a user types them.</summary>
    public string Options => options;

    /// <summary>The text after the script's name in the usage line, if it is not <c>[options]</c>.</summary>
    public string? Usage { get; init; }
}

/// <summary>
/// An option that changes a run's numbers, with its text in the titles and legends of pictures. A config.json has only the names of options, so this
/// attribute works for records of the library; a script's own option is shown by its name.
/// </summary>
/// <param name="order">The option's place in the text: lower numbers come first.</param>
/// <param name="prefix">The text before the value: <c>"lr "</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
sealed class ShownAttribute(int order, string prefix = "") : Attribute
{
    /// <summary>The option's place in the text.</summary>
    public int Order => order;

    /// <summary>The text before the value.</summary>
    public string Prefix => prefix;

    /// <summary>The part of the recipe that the option describes, a key of <see cref="Recipe.Text"/>. A replaced part is shown instead.</summary>
    public string? Part { get; init; }

    /// <summary>The value that is not shown.</summary>
    public string? Usual { get; init; }

    /// <summary>Where a picture of one run shows the option.</summary>
    public ShownIn In { get; init; }
}

/// <summary>Where a picture of one run shows an option.</summary>
enum ShownIn
{
    /// <summary>In the line under the title.</summary>
    Subtitle,

    /// <summary>In the subject of the title: "784-50-100-10 on MNIST".</summary>
    Subject,

    /// <summary>On the axis.</summary>
    Axis,
}
