using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Torchlet.Tests;

/// <summary>The notebook's figures of ten epochs on MNIST, as script 02 prints them.</summary>
static partial class GoldenLines
{
    /// <summary>The figures that PyTorch printed; skips the running test, saying so, where the file is missing.</summary>
    public static IReadOnlyList<string> Wanted(int seed) =>
    [
        .. File.ReadLines(Shared.Path("golden", $"mnist_seed{seed}.jsonl")).Skip(1)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(e => string.Create(
                CultureInfo.InvariantCulture,
                $"{e.GetProperty("epoch").GetInt32():00}: {e.GetProperty("train_loss").GetDouble():f3} "
                + $"{e.GetProperty("test_loss").GetDouble():f3} {e.GetProperty("test_accuracy").GetDouble() * 100:f3}")),
    ];

    /// <summary>The figures in what a script printed.</summary>
    public static IEnumerable<string> Printed(string output) =>
        EpochLines().Matches(output).Select(m => $"{m.Groups[1]}: {m.Groups[2]} {m.Groups[3]} {m.Groups[4]}");

    [GeneratedRegex(@"Epoch: (\d\d) \| Time: \d+m \d+s\n\tTrain Loss: ([\d.]+) \| Test Loss: ([\d.]+) \| Test Acc: ([\d.]+)%\n")]
    private static partial Regex EpochLines();
}
