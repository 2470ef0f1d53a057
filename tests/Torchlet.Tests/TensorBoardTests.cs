using System.Buffers.Binary;
using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>The events of a training, read by what their formats say and by none of the library's code.</summary>
[Collection(Lane.Alone)]
public sealed class TensorBoardTests : IDisposable
{
    const string Script = "02_train_cross_entropy";
    static readonly ImmutableSortedDictionary<string, string> Checksums = ImmutableSortedDictionary<string, string>.Empty.Add("train", "0123456789");
    static readonly Dataset Data = AnyModelTests.Pictures() with { Checksums = Checksums };

    readonly TemporaryFolder folder = new();

    TrainConfig Config => new()
    {
        Epochs = 3, BatchSize = 64, Hidden = [5], Schedule = "cosine", Validation = 0.2, Tensorboard = true, Out = Path.Combine(folder.Path, "run"),
    };

    string Events => Path.Combine(Config.Out!, TensorBoard.FileName);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_epoch_is_a_step_with_the_figures_of_the_log_and_the_first_layer_a_picture()
    {
        var rows = Train(Config, Data);
        var events = Read();
        Assert.Equal("brain.Event:2", events[0].Fields[3][0].Text);
        Assert.Equal([1, 2, 3, rows.MinBy(r => r.JudgedLoss)!.Index], events[1..].Select(e => e.Fields[2][0].Int));
        foreach (var (row, values) in rows.Zip(events[1..], (row, e) => (row, Values(e))))
            Assert.Equal(new Dictionary<string, float>
            {
                ["loss/train"] = (float)row.TrainLoss, ["loss/test"] = (float)row.TestLoss, ["accuracy/test"] = (float)row.TestAccuracy!,
                ["loss/validation"] = (float)row.Validation!.Loss, ["accuracy/validation"] = (float)row.Validation.Metrics[0].Value,
                ["learning_rate"] = (float)row.LearningRate!,
            }, values);
        var times = events.Select(e => e.Fields[1][0].Double).ToArray();
        Assert.Equal(times.Order(), times);

        var picture = events[^1].Fields[5][0].Fields[1][0].Fields;
        Assert.Equal("first_layer", picture[1][0].Text);
        var image = picture[4][0].Fields;
        var drawn = PictureFile.Decoded(image[4][0].Bytes);
        Assert.Equal((drawn.Height, drawn.Width), ((int)image[1][0].Int, (int)image[2][0].Int));
    }

    [Fact]
    public void A_run_that_goes_on_repeats_no_step_and_script_04_writes_the_same_bytes_again()
    {
        Train(Config with { Epochs = 2, Schedule = "constant" }, Data);
        var resumed = SavedRun.Find(Config.Out!, Script).Config(["--resume", Config.Out!, "--epochs", "3"], new TrainConfig());
        Train(resumed, Data);
        var written = File.ReadAllBytes(Events);
        Assert.Equal([1, 2, 3], Read()[1..^1].Select(e => e.Fields[2][0].Int));

        File.Delete(Events);
        var drawn = Assert.Single(Redraw.Each([Config.Out!]));
        Assert.Null(drawn.Error);
        Assert.Contains(TensorBoard.FileName, drawn.Pictures);
        Assert.Equal(written, File.ReadAllBytes(Events));
    }

    [Fact]
    public void Numbers_that_are_no_image_have_no_picture_and_a_run_that_was_not_asked_has_no_events()
    {
        Train(Config, Tensors.SmallData() with { Checksums = Checksums });
        Assert.Equal(1 + 3, Read().Count);

        Train(Config with { Out = $"{Config.Out}-2", Tensorboard = false }, Data);
        Assert.DoesNotContain(TensorBoard.FileName, Assert.Single(Redraw.Each([$"{Config.Out}-2"])).Pictures);
        Assert.False(File.Exists(Path.Combine($"{Config.Out}-2", TensorBoard.FileName)));
    }

    IReadOnlyList<Epoch> Train(TrainConfig config, Dataset data)
    {
        var all = config.Examples(data);
        using var run = NewRun.Create(Script, config, all, CPU, Path.Combine(folder.Path, "home"), new DateTime(2026, 11, 23));
        return Training.Epochs(config.Recipe(all), all, run.Finished.State) | Clock.Time | CsvLog.To(run) | Checkpoint.KeepBest(run) | Checkpoint.KeepLast(run)
            | TensorBoard.To(run, when: config.Tensorboard) | Plots.Curves(run);
    }

    /// <summary>The events of the file, whose lengths and checksums are right.</summary>
    List<ProtobufReader> Read()
    {
        var (bytes, events) = (File.ReadAllBytes(Events), new List<ProtobufReader>());
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(Masked(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            var message = bytes.AsSpan(at + 12, length);
            Assert.Equal(Masked(message), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            events.Add(new(0, message.ToArray()));
            at += 16 + length;
        }
        return events;
    }

    static Dictionary<string, float> Values(ProtobufReader e) =>
        e.Fields[5][0].Fields[1].ToDictionary(value => value.Fields[1][0].Text, value => value.Fields[2][0].Float);

    // Bit by bit, with the reversed polynomial of Castagnoli; the check value of "123456789" is that of RFC 3720.
    static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82f63b78;
        }
        return ~crc;
    }

    static uint Masked(ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(0xe3069283, Crc("123456789"u8));
        var crc = Crc(bytes);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }
}
