using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The loss that is minimised, and the figures that are reported.</summary>
/// <param name="Loss">The loss of each example, from the model's output and the target; null where <see cref="Of"/> gives a function of the model.</param>
/// <param name="Metrics">Further figures to report.</param>
/// <exception cref="ArgumentException">Two metrics have one name, or a name is taken or has other characters than a to z, digits and _.</exception>
public sealed record Objective(Loss? Loss, params ImmutableArray<Metric> Metrics)
{
    /// <summary>The loss of each example, from the model's output and the target; null where it is a function of the model.</summary>
    public Loss? Loss { get; init => (field, OfModel) = (value, null); } = Loss;

    /// <summary>The loss as a function of the model, for <see cref="Of"/>; null where it is one of the model's output.</summary>
    ModelLoss? OfModel { get; init; }

    /// <summary>The minimised loss of each example; training takes the mean or the sum.</summary>
    /// <exception cref="ArgumentException">The loss is null.</exception>
    public ModelLoss Minimised => OfModel ?? (Loss is null ? throw new ArgumentException("objective: want a loss, got null.") : new OutputLoss(Loss).Of);

    /// <summary>Further figures to report. Their names are columns of a log and names of pictures: letters a to z, digits and _, each used once.</summary>
    public ImmutableArray<Metric> Metrics { get; init => field = Checked(value); } = Checked(Metrics);

    /// <summary>The usual preparation: bytes of pictures become brightness in [0, 1], other numbers stay.</summary>
    internal static Func<Batch, Batch> Brightness { get; } = Named.Preparation("brightness", batch =>
        Split.AreBytesOfPictures(batch.Inputs) ? batch with { Inputs = Batches.Floats(batch.Inputs) } : batch);

    /// <summary>The loss as text, such as <c>cross_entropy</c>; "own" for a custom one.</summary>
    public string Text => Named.TextOf(Minimised);

    /// <summary>The loss that is reported of examples which are not learned from, where it is another than the one that is minimised.</summary>
    public Loss? Evaluation { get; init; }

    /// <summary>
    /// Turns a batch as it is cut into what model and loss take. By default bytes of pictures, [batch, 1 or 3, height, width], become brightness in [0, 1].
    /// All other numbers stay: integers reach a custom layer as they are, as ids, and the other layers convert them to float32 numbers, all but bytes, which
    /// they refuse: <c>Prepare = batch => batch with { Inputs = Batches.Floats(batch.Inputs) }</c> makes pixels of any bytes.
    /// </summary>
    public Func<Batch, Batch> Prepare { get; init; } = Brightness;

    /// <summary>
    /// The name of the figure that chooses the best epoch and its weights, and that early stopping waits for: <c>loss</c>, or a metric that says which is
    /// better, more or less.
    /// </summary>
    /// <example><c>Objective.Classify() with { Metrics = [Metric.Accuracy, Metric.MacroF1], Judge = "macro_f1" }</c></example>
    public string Judge { get; init; } = JudgedBy.Loss.Figure;

    /// <summary>The figure that chooses the best epoch, with its direction.</summary>
    /// <exception cref="ArgumentException">No metric has the name, or it does not say which is better.</exception>
    internal JudgedBy JudgedBy => Judge == JudgedBy.Loss.Figure ? JudgedBy.Loss
        : Metrics.FirstOrDefault(metric => metric.Name == Judge) is not { } metric
            ? throw new ArgumentException($"Judge: want {string.Join(", ", Metrics.Select(m => m.Name).Prepend(JudgedBy.Loss.Figure))}, got '{Judge}'.")
        : metric.Better is not { } better
            ? throw new ArgumentException($"Judge: want a metric that says which is better, got {Judge}; write it with {{ Better = Better.More }} or Less.")
        : new(Judge, better == Better.More);

    /// <summary>Those that learn in turn, each its own part of the model from its own loss; none where the whole model learns from one.</summary>
    public ImmutableArray<Player> Players { get; init; } = [];

    /// <summary>Whether all players' gradients are those before the step, not each after the step of the one before it.</summary>
    public bool AtOnce { get; init; }

    /// <summary>The same objective, judged by the figure of this name, which it reports, too: loss, or one of <see cref="Metric.All"/>.</summary>
    internal Objective JudgedAlsoBy(string figure) => figure == JudgedBy.Loss.Figure || Metrics.Any(metric => metric.Name == figure)
        ? this with { Judge = figure }
        : this with { Metrics = Metrics.Add(Metric.All.First(metric => metric.Name == figure)), Judge = figure };

    /// <summary>Whether it is a classification: the targets are labels, and the output is a score for each class.</summary>
    public bool IsClassification { get; init; }

    /// <summary>Whether loss or metrics are differences between outputs and targets as numbers.</summary>
    internal bool ComparesNumbers => Loss == Losses.SquaredError || Loss == Losses.AbsoluteError || Metrics.Contains(Metric.MeanAbsoluteError);

    /// <summary>
    /// A loss that sees the model: a function of model and batch to the loss of each example. It may apply the model any number of times, to anything, and
    /// differentiate by its inputs (<see cref="Gradient.Of"/>).
    /// </summary>
    /// <example><c>Objective.Of((model, batch) => CrossEntropy(model.Apply(batch.Inputs + model.Normal(batch.Inputs.shape)), batch.Targets))</c></example>
    /// <param name="losses">The loss of each example: [batch].</param>
    /// <param name="metrics">Further figures to report.</param>
    public static Objective Of(ModelLoss losses, params ImmutableArray<Metric> metrics) => new(null, metrics) { OfModel = losses };

    /// <summary>The sum of several losses, each of which is reported under its name, too: the parts of the loss of a variational autoencoder.</summary>
    /// <example><c>Objective.Sum(("reconstruction", Reconstruction), ("kl", Kl))</c></example>
    /// <param name="parts">Names and losses.</param>
    public static Objective Sum(params ImmutableArray<(string Name, ModelLoss Loss)> parts) => Of(
        (model, batch) => parts.Select(part => part.Loss(model, batch)).Aggregate((sum, next) => sum.Plus(next)),
        [.. parts.Select(part => Metric.OfModel(part.Name, part.Loss))]);

    /// <summary>Several players, such as the generator and the critic of a GAN: what is reported is the sum of their losses, and each by its name.</summary>
    /// <param name="players">The players, in the order of their turns.</param>
    public static Objective Play(params ImmutableArray<Player> players) =>
        Sum([.. players.Select(player => (player.Name, player.Loss))]) with { Players = players };

    /// <summary>
    /// Classification: a loss of scores and labels, and the accuracy. Of sequences of labels, [batch, …], with scores [batch, …, classes], both are means over
    /// the positions.
    /// </summary>
    /// <example><c>Objective.Classify(Losses.Focal(2), evaluation: Losses.CrossEntropy)</c></example>
    /// <param name="loss">The loss that is minimised; cross-entropy if not given.</param>
    /// <param name="evaluation">The loss that is reported of the test set, if another one.</param>
    public static Objective Classify(Loss? loss = null, Loss? evaluation = null) =>
        new(loss ?? Losses.CrossEntropy, Metric.Accuracy) { Evaluation = evaluation, IsClassification = true };

    /// <summary>Regression: the mean squared error, and the mean absolute error.</summary>
    /// <param name="loss">The loss that is minimised; the squared error if not given.</param>
    public static Objective Regress(Loss? loss = null) => new(loss ?? Losses.SquaredError, Metric.MeanAbsoluteError);

    /// <summary>Prediction of the input itself, flattened: the mean squared error of a brightness.</summary>
    public static Objective Reconstruct { get; } = new(Losses.SquaredError)
    {
        Prepare = Named.Preparation("reconstruction", batch =>
        {
            var x = Brightness(batch).Inputs;
            return batch with { Inputs = x, Targets = x.flatten(1) };
        }),
    };

    /// <summary>Objective: cross_entropy, accuracy.</summary>
    public override string ToString() => $"Objective: {string.Join(", ", Metrics.Select(metric => metric.Text).Prepend(Text))}";

    /// <summary>The parts of the objective as text, by name; those that are as usual are left out.</summary>
    internal IEnumerable<(string Part, string Text)> Parts
    {
        get
        {
            yield return ("objective", Text);
            // Label smoothing is nearly always evaluated without it.
            var usual = Text.StartsWith(nameof(Losses.Smoothed), StringComparison.Ordinal) ? (Loss)Losses.CrossEntropy : null;
            if (Evaluation != usual) yield return ("evaluation", Evaluation is null ? Text : Named.TextOf(Evaluation));
            if (Named.TextOf(Prepare) is var prepare && prepare != Named.TextOf(Brightness)) yield return ("prepare", prepare);
            if (Metrics.Select(metric => metric.Text).ToList() is var metrics && !metrics.SequenceEqual(Metrics.Select(m => m.Name)))
                yield return ("metrics", string.Join(", ", metrics));
            if (!Players.IsEmpty) yield return ("players", $"{string.Join("; ", Players.Select(player => player.Text))}{(AtOnce ? "; at once" : "")}");
            if (JudgedBy != JudgedBy.Loss) yield return (JudgedBy.Part, JudgedBy.Text);
        }
    }

    // A run has columns or pictures of these names already.
    static readonly ImmutableArray<string> Taken = ["loss", "learning_rate", "layer_gradients", "reconstructions"];

    static ImmutableArray<Metric> Checked(ImmutableArray<Metric> metrics)
    {
        foreach (var name in metrics.Select(metric => metric.Name))
            if (name is null or "" || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || Taken.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new ArgumentException(
                    $"metric: want a name of letters a to z, digits and _, other than {string.Join(", ", Taken)}, got '{name}'.", nameof(metrics));
        return metrics.CountBy(metric => metric.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(n => n.Value > 1).Key is { } twice
            ? throw new ArgumentException($"metric: want a name for each, got {twice} twice.", nameof(metrics))
            : metrics;
    }
}
