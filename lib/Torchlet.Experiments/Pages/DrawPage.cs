using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// draw.html in a run's folder: a person draws, and the run's network answers at once. Its weights stand in the page, which computes in the browser what
/// <see cref="Drawing.Framed"/> and the layers compute here.
/// </summary>
public static class DrawPage
{
    /// <summary>The page's name.</summary>
    public const string FileName = "draw.html";

    // A browser takes seconds to open more.
    const int MostBytes = 20_000_000;

    const int MostExamples = 40;

    /// <summary>Kinds of layers that the page does not compute.</summary>
    internal static readonly ImmutableArray<string> Absent =
    [
        "Each", "Repeat", "FanOut", "Parallel", "Reshape", "Permute", "Mean", "Sum", "Last",
        "Recurrent", "Rnn", "Lstm", "Gru", "Embedding", "Positional", "Attention",
    ];

    /// <summary>Writes the page of a training's best weights. If the page is impossible, a line says why, and the run continues.</summary>
    public static void Write(RunFolder run) => Write(run, () => Weights.Read(run.PathOf(Checkpoint.Best)));

    /// <summary>Writes the page of a network out of a file.</summary>
    /// <inheritdoc cref="Write(RunFolder)"/>
    public static void Write(RunFolder run, Pretrained network) => Write(run, () => network.File);

    static void Write(RunFolder run, Func<WeightsFile> read)
    {
        try
        {
            AtomicFile.Write(run.PathOf(FileName), Encoding.UTF8.GetBytes(Of(read(), run.Record().Subject, run.Data?.Test)));
        }
        catch (TorchletException e)
        {
            Console.WriteLine(Notice.Line($"No {FileName}: {e.Message.TrimEnd('.')}.")); // No fault: most who train on a table ask for no such page.
        }
    }

    /// <summary>The page's text.</summary>
    /// <param name="file">Weights by the names that they have in their network, with metadata that say what network, for which classes and pixels.</param>
    /// <param name="subject">What the run is of.</param>
    /// <param name="split">Examples to choose from; null for none.</param>
    /// <exception cref="TorchletException">
    /// The model does not classify square grey pictures, contains a custom layer or preparation, or is too large.
    /// </exception>
    internal static string Of(WeightsFile file, string subject, Split? split = null)
    {
        var saved = SavedModel.Of(SavedModel.Usable(file));
        var side = Drawing.SideOf(saved.Net.Input)
            ?? throw new TorchletException($"the network takes {NamedArray.Show(saved.Net.Input)}, and drawings are square grey pictures");
        if (saved.Layer.AllCalls.FirstOrDefault(call => Absent.Contains(call.Kind.Name)) is { } absent)
            throw new TorchletException($"the page does not compute {absent.Text}");
        var classes = Classes(saved);
        if (file.Arrays.Sum(a => a.Values.Length * (long)sizeof(float)) is > MostBytes and var size)
            throw new TorchletException($"the network's {size / 1_000_000} MB are too many for a page, which holds up to {MostBytes / 1_000_000}");
        return Page.Of("draw", new JsonObject
        {
            ["about"] = About(file, subject),
            ["side"] = side,
            ["divisor"] = Divisor(file),
            ["classes"] = new JsonArray([.. classes.Select(name => (JsonNode?)name)]),
            ["layers"] = LayersOf(saved.Net),
            ["arrays"] = new JsonObject(file.Arrays.Select(a =>
                KeyValuePair.Create(a.Name, (JsonNode?)Convert.ToBase64String(MemoryMarshal.AsBytes(a.Values.Span))))),
            ["examples"] = new JsonArray([.. Examples(split, classes.Length, side).Select(e => (JsonNode?)new JsonObject
            {
                ["label"] = classes[e.Class], ["pixels"] = Convert.ToBase64String(e.Pixels),
            })]),
        });
    }

    static ImmutableArray<string> Classes(SavedModel saved) =>
        saved.Net.Output is [var outputs] && saved.Metadata.TryGetValue(SavedModel.ClassesKey, out var names)
        && SavedModel.ClassesOf(names, (int)outputs) is { } classes ? classes : throw new TorchletException("the network tells no classes apart");

    static double Divisor(WeightsFile file) => file.Metadata.GetValueOrDefault(PretrainedWeights.PixelsKey) switch
    {
        PretrainedWeights.UnitPixels => Batches.Unit,
        PretrainedWeights.RawPixels => 1,
        _ => throw new TorchletException("the network was not trained on pictures"),
    };

    static string About(WeightsFile file, string subject)
    {
        var epoch = file.Metadata.TryGetValue("epoch", out var index) ? $" · epoch {index}" : "";
        var accuracy = double.TryParse(file.Metadata.GetValueOrDefault("test_accuracy"), CultureInfo.InvariantCulture, out var share)
            ? string.Create(CultureInfo.InvariantCulture, $" · {share * 100:f2} % of the test set right") : "";
        var averaged = file.Metadata.GetValueOrDefault(SavedModel.WeightsKey) == SavedModel.Averaged ? " · averaged weights" : "";
        return Printable.Whole(subject + averaged + epoch + accuracy);
    }

    static JsonArray LayersOf(Net net) => new([.. net.Layers.Select(layer => (JsonNode?)new JsonObject
    {
        ["kind"] = layer.Call.Kind.Name,
        ["arguments"] = new JsonObject(layer.Call.Kind.Arguments.Zip(layer.Call.Numbers, (a, number) => KeyValuePair.Create(a.Name, (JsonNode?)number))),
        ["input"] = new JsonArray([.. layer.Net.Input.Select(n => (JsonNode?)n)]),
        ["output"] = new JsonArray([.. layer.Net.Output.Select(n => (JsonNode?)n)]),
        ["parameters"] = new JsonArray([.. layer.Parameters.Select(name => (JsonNode?)name)]),
        ["state"] = new JsonArray([.. layer.State.Select(name => (JsonNode?)name)]),
        ["inner"] = LayersOf(layer.Net),
    })]);

    /// <summary>The first example of each class.</summary>
    static IReadOnlyList<(int Class, byte[] Pixels)> Examples(Split? split, int classes, int side)
    {
        if (split is null) return [];
        using var scope = NewDisposeScope();
        var labels = split.Targets.to_type(ScalarType.Int64).Numbers<long>();
        return [.. Enumerable.Range(0, classes).Select(c => (Class: c, Place: Array.IndexOf(labels, c))).Where(e => e.Place >= 0).Take(MostExamples)
            .Select(e => (e.Class, split.Inputs[e.Place].contiguous().cpu().bytes.ToArray())).Where(e => e.Item2.Length == side * side)];
    }
}
