using System.Collections.Immutable;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>Edited checkpoints: their checksum is right, since it has no key.</summary>
public sealed class EditedCheckpointTests : IDisposable
{
    const string Script = "02_train_cross_entropy";
    static readonly TrainConfig Config = new() { Epochs = 3, BatchSize = 64, Hidden = [5], LearningRate = 1e-2 };
    static readonly Dataset Data = Tensors.SmallData() with
    {
        Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123456789"),
    };

    readonly TemporaryFolder folder = new();

    string Out => Path.Combine(folder.Path, "run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Are_refused_in_one_line_before_anything_is_written()
    {
        using (var run = Create(Config with { Out = Out }))
            _ = (Training.Epochs(run.Recipe!, Data) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run)).Take(2).Count();
        var path = Path.Combine(Out, "last.checkpoint");
        var good = File.ReadAllBytes(path);
        foreach (var (edit, because) in Edits)
        {
            File.WriteAllBytes(path, edit(Safetensors.Read(good)));
            var before = Files();
            var message = Assert.Throws<TorchletException>(() => Create(Resumed())).Message;
            Assert.StartsWith($"{path}: ", message);
            Assert.Contains(because, message);
            Assert.DoesNotContain(message, char.IsControl);
            Assert.Equal(before, Files());
        }
        File.WriteAllBytes(path, good);
        Create(Resumed()).Dispose();
    }

    [Fact]
    public void Best_weights_that_are_not_finite_are_refused()
    {
        using (var run = Create(Config with { Out = Out }))
            _ = (Training.Epochs(run.Recipe!, Data) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run)).Take(1).Count();
        var path = Path.Combine(Out, "best.safetensors");
        var (arrays, metadata) = Weights.Read(path);
        Weights.SaveSafetensors(path, [With(arrays[0], float.NaN), .. arrays.Skip(1)], metadata);
        Assert.Contains("not finite", Assert.Throws<TorchletException>(() => Create(Resumed())).Message);
    }

    [Fact]
    public void A_generators_state_that_would_end_the_process_is_none()
    {
        var good = TorchRandom.Seeded(1).State;
        foreach (var bad in new[] { default, [], good[..^1], [.. good, 0], good.SetItem(8, 200).SetItem(9, 200), good.SetItem(12, 0), good.SetItem(19, 1) })
            Assert.Throws<ArgumentException>(() => new TorchRandom(bad));
        var random = TorchRandom.Seeded(2);
        for (var i = 0; i < 700; i++) (_, random) = random.Int64();
        foreach (var count in new[] { 1, 3, 17, 624 })
            foreach (var next in new[] { random.Normal([count]).Next, random.Uniform([count], 0, 1).Next })
                Assert.Equal(next, new(next.State));
    }

    static IEnumerable<(Func<WeightsFile, byte[]> Edit, string Because)> Edits =>
    [
        (file => Signed(Meta(file, "random", m => m[..^8])), "random is not the state"),
        (file => Signed(Meta(file, "random", m => m + "AAAA")), "random is not the state"),
        (file => Signed(Meta(file, "random", _ => "!")), "random is not the state"),
        (file => Signed(Meta(file, "random", _ => Convert.ToBase64String(new byte[5056]))), "random is not the state"),
        (file => Signed(file with { Metadata = file.Metadata.Remove("random") }), "random is not the state"),
        (file => Signed(Meta(file, "epoch", _ => "0")), "epoch is 0"),
        (file => Signed(Meta(file, "epoch", _ => "-1")), "epoch is -1"),
        (file => Signed(Meta(file, "epoch", _ => "99999999999")), "epoch is 99999999999"),
        (file => Signed(Meta(file, "epoch", _ => "two")), "epoch is two"),
        (file => Signed(Meta(file, "epoch", _ => "1")), "steps in 1 epochs"),
        (file => Signed(file with { Metadata = file.Metadata.Remove("epoch") }), "epoch is missing"),
        (file => Signed(Meta(file, "step", _ => "-5")), "step is -5"),
        (file => Signed(Meta(file, "step", _ => "1")), "1 steps in 2 epochs"),
        (file => Signed(Arrays(file, all => [.. all.Skip(1)])), "not those of a checkpoint"),
        (file => Signed(Arrays(file, all => [.. all.SkipLast(1)])), "states of the optimizer"),
        (file => Signed(Arrays(file, all => [.. all, new("moment.2", [1], new float[1])])), "states of the optimizer"),
        (file => Signed(Arrays(file, all => [.. all, new("extra", [1], new float[1])])), "not those of a checkpoint"),
        (file => Signed(Arrays(file, all => [.. all, new("layer.0", [1], new float[1])])), "states of layers"),
        (file => Signed(Arrays(file, all => [.. all, new("layer.7", [1], new float[1])])), "not those of a checkpoint"),
        (file => Signed(Arrays(file, all => [all[0], all[1], new(all[2].Name, [7], new float[7])])), "states of the optimizer"),
        (file => Signed(Arrays(file, all => [new(all[0].Name, [1, all[0].Shape[0]], all[0].Values), .. all.Skip(1)])), "not those of a checkpoint"),
        (file => Signed(Arrays(file, all => [new(all[0].Name, [3], new float[3]), .. all.Skip(1)])), "3 parameters"),
        (file => Signed(Arrays(file, all => [With(all[0], float.NaN), .. all.Skip(1)])), "not finite"),
        (file => Signed(Arrays(file, all => [all[0], With(all[1], float.NaN), all[2]])), "not finite"),
        (file => Signed(Arrays(file, all => [all[0], all[1], With(all[2], -1)])), "comes to none"), // A square that is below zero.
    ];

    static NamedArray With(NamedArray array, float first) => array with { Values = (float[])[first, .. array.Values.Span[1..]] };

    static WeightsFile Meta(WeightsFile file, string key, Func<string, string> change) =>
        file with { Metadata = file.Metadata.SetItem(key, change(file.Metadata[key])) };

    static WeightsFile Arrays(WeightsFile file, Func<ImmutableArray<NamedArray>, ImmutableArray<NamedArray>> change) =>
        file with { Arrays = change(file.Arrays) };

    /// <summary>The file with the checksum that its content has.</summary>
    static byte[] Signed(WeightsFile file)
    {
        var bare = file.Metadata.Remove("sha256");
        return Safetensors.Write(file.Arrays, bare.Add("sha256", Convert.ToHexStringLower(SHA256.HashData(Safetensors.Write(file.Arrays, bare)))));
    }

    RunFolder Create(TrainConfig config) =>
        NewRun.Create(Script, config, Data, CPU, Path.Combine(folder.Path, "home"), new DateTime(2026, 11, 23));

    TrainConfig Resumed() => SavedRun.Find(Out, Script).Config(["--resume", Out], new TrainConfig());

    IEnumerable<string> Files() =>
        [.. Directory.EnumerateFiles(Out).Order().Where(f => !f.EndsWith(".lock")).Select(f => f + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))))];
}
