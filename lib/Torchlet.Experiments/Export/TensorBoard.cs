using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A training's figures as TensorBoard reads them, in a file of events: loss/train, loss/test, accuracy/test, loss/validation, …, learning_rate where it
/// varies, one step an epoch; and first_layer, what the units of the best network's first layer look for, where these are images.
/// </summary>
/// <remarks>
/// All of it stands in log.csv and best.safetensors too, and so script 04 writes the same bytes again. The time of an epoch is that of the run's beginning
/// and the seconds of the epochs up to it. Source: event.proto and summary.proto of github.com/tensorflow/tensorboard; TFRecord of tensorflow.org.
/// </remarks>
public static class TensorBoard
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "events.out.tfevents.torchlet";

    /// <summary>The option of a training that asks for it.</summary>
    internal static string Option { get; } = OptionRule.Kebab(nameof(TrainConfig.Tensorboard));

    /// <summary>
    /// A stage that writes each epoch as it passes. It stands after <see cref="Checkpoint.KeepBest"/>, and after whatever ends the training. A run that
    /// goes on gets the file anew, so that no epoch stands in it twice.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="when">Whether to write anything.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> To(RunFolder run, bool when = true) =>
        epochs =>
        {
            var passed = epochs.Select(epoch => epoch.Passed(EpochStage.TensorBoard));
            return when ? Written(run.PathOf(FileName), passed, run) : passed;
        };

    /// <summary>Writes the file of a run that has been, from its log and its best weights.</summary>
    /// <exception cref="TorchletException">One of them is damaged, or the log is missing.</exception>
    internal static void Write(RunFolder run)
    {
        var epochs = TrainingLog.Read(run)[0];
        AtomicFile.Write(run.PathOf(FileName), path => _ = Written(path, epochs, run).Count());
    }

    static IEnumerable<Epoch> Written(string path, IEnumerable<Epoch> epochs, RunFolder run)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        var time = Began(run);
        file.Write(Event(time, Protobuf.Text(3, "brain.Event:2")));
        foreach (var epoch in run.Past.Rows.Concat(epochs))
        {
            time += TimeSpan.FromMicroseconds(Math.Round(epoch.Elapsed.TotalMicroseconds)); // As exact as log.csv has it.
            file.Write(Summary(time, epoch.Index, Scalars(epoch).Select(s => Value(s.Tag, Protobuf.Float(2, (float)s.Value)))));
            file.Flush();
            if (epoch.Index > run.Past.Rows.Length) yield return epoch;
        }
        file.Write(FirstLayer(time, run));
    }

    static DateTimeOffset Began(RunFolder run) =>
        DateTimeOffset.TryParse(run.Record().Time, CultureInfo.InvariantCulture, out var time) ? time : DateTimeOffset.UnixEpoch;

    static IEnumerable<(string Tag, double Value)> Scalars(Epoch epoch)
    {
        return [("loss/train", epoch.TrainLoss), .. Of(epoch.Test, "test"), .. Of(epoch.Validation, "validation"), .. Of(epoch.Averaged, "averaged_test"),
            .. epoch.LearningRate is { } rate ? [("learning_rate", rate)] : Array.Empty<(string, double)>()];

        static IEnumerable<(string, double)> Of(Evaluation? judged, string examples) =>
            judged is null ? [] : [($"loss/{examples}", judged.Loss), .. judged.Metrics.Select(metric => ($"{metric.Name}/{examples}", metric.Value))];
    }

    /// <summary>The picture of the best network's first layer; nothing where it is no image, or where no text says what network it is.</summary>
    static byte[] FirstLayer(DateTimeOffset time, RunFolder run)
    {
        const int rgba = 4;
        var best = run.PathOf(Checkpoint.Best);
        if (!File.Exists(best) || Weights.Read(best) is not { } file || SavedModel.HoldsOwn(file)) return [];
        using var scope = NewDisposeScope();
        var saved = SavedModel.Of(file);
        var units = UnitWeights.OfFirstLayer(saved.ToModel());
        if (units is not [{ Shape: [.., > 1, > 1] }, ..]) return [];
        var (png, width, height) = InferencePlots.FirstLayer(units, run.Record().Subject).Png();
        return Summary(time, int.Parse(saved.Metadata["epoch"], CultureInfo.InvariantCulture), Value("first_layer",
            Protobuf.Message(4, Protobuf.Int(1, height), Protobuf.Int(2, width), Protobuf.Int(3, rgba), Protobuf.Bytes(4, png))));
    }

    static byte[] Summary(DateTimeOffset time, int step, params IEnumerable<byte[]> values) => Event(time, Protobuf.Int(2, step), Protobuf.Message(5, values));

    static byte[] Value(string tag, byte[] value) => Protobuf.Message(1, Protobuf.Text(1, tag), value);

    /// <summary>An event as a record: its length, its bytes, and a checksum of each.</summary>
    static byte[] Event(DateTimeOffset time, params IEnumerable<byte[]> what)
    {
        byte[] message = Protobuf.Message([Protobuf.Double(1, (time - DateTimeOffset.UnixEpoch).TotalSeconds), .. what]);
        var (length, checksums) = (new byte[8], new byte[8]);
        BinaryPrimitives.WriteInt64LittleEndian(length, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(checksums, Masked(length));
        BinaryPrimitives.WriteUInt32LittleEndian(checksums.AsSpan(4), Masked(message));
        return [.. length, .. checksums[..4], .. message, .. checksums[4..]];
    }

    /// <summary>CRC-32C, turned and shifted as TFRecord does, since a checksum of what holds checksums is a weak one.</summary>
    static uint Masked(byte[] bytes) => BitOperations.RotateRight(~bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C), 15) + 0xa282ead8;
}
