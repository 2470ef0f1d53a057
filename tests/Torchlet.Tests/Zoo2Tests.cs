using System.Globalization;
using System.Text.Json;

namespace Torchlet.Tests;

/// <summary>The zoo's cases on 6,000 images, against the same programs in Python.</summary>
public sealed class Zoo2Tests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("rnn"), InlineData("lstm"), InlineData("gru"), InlineData("bigru"), InlineData("vit"), InlineData("causal"), InlineData("bag"),
        InlineData("deconv"), InlineData("grouped"), InlineData("huber"), InlineData("nadam"), InlineData("radam")]
    public void A_case_gives_the_numbers_that_PyTorch_printed(string name)
    {
        var printed = File.ReadLines(Shared.Path("golden", $"zoo2_{name}.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(e => e.GetProperty("event").GetString()!);
        var outcome = InProcess.Run(Path.Combine("scripts", "gallery", "pytorch_zoo.csx"),
            $"--case {name} --epochs 1 --threads 1 --data {Shared.Mnist} --out {folder.Path}/run");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var steps = Rows("steps.csv").Select(row => row[1]).ToList();
        var wanted = printed["steps"].GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble()).ToList();
        Assert.Equal((30, 30), (wanted.Count, steps.Count));
        foreach (var (i, (want, got)) in wanted.Zip(steps).Index()) AssertSame(want, got, 1e-6, $"step {i + 1}");
        var (epoch, log) = (printed["epoch"], Assert.Single(Rows("log.csv")));
        AssertSame(epoch.GetProperty("train_loss").GetDouble(), log[1], 1e-5, "training");
        AssertSame(epoch.GetProperty("test_loss").GetDouble(), log[2], 1e-5, "test");
    }

    IEnumerable<double[]> Rows(string csv) => File.ReadLines(Path.Combine(folder.Path, "run", csv)).Skip(1)
        .Select(line => line.Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray());

    /// <summary>They differ by the tolerance at most, or by that share of a loss above 1, whose last digit is larger.</summary>
    static void AssertSame(double want, double got, double tolerance, string what) => Assert.True(
        Math.Abs(got - want) <= tolerance * Math.Max(1, want), string.Create(CultureInfo.InvariantCulture, $"{what}: want {want}, got {got}"));
}
