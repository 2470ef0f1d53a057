using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;
using static Tensorboard.Summary.Types;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// Figures of a training as a TensorBoard event file, one step an epoch: loss/train, loss/test, accuracy/test, loss/validation, …, and learning_rate where
/// it varies; at the end first_layer, a picture of the best network's first-layer weights, where these are images.
/// </summary>
/// <remarks>
/// All of it is in log.csv and best.safetensors too, so script 04 writes the same bytes again. The time of an epoch is the start of the run plus the seconds
/// of the epochs up to it. Source: event.proto and summary.proto of github.com/tensorflow/tensorboard, as TorchSharp compiles them; TFRecord of tensorflow.org.
/// </remarks>
public static class TensorBoard
{
    /// <summary>Name of the file in a run's folder.</summary>
    public const string FileName = "events.out.tfevents.torchlet";

    /// <summary>The training option that asks for the file.</summary>
    internal static string Option { get; } = OptionRule.Kebab(nameof(TrainConfig.Tensorboard));

    /// <summary>
    /// A stage that writes each epoch as it finishes. It comes after <see cref="Checkpoint.KeepBest"/> and after any stage that ends the training early. A
    /// resumed run writes the file again from the start, so no epoch is in it twice.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="when">Whether to write anything.</param>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> To(RunFolder run, bool when = true) =>
        epochs =>
        {
            var passed = epochs.Select(epoch => epoch.MarkedBy(EpochStage.TensorBoard));
            return when ? Written(run.PathOf(FileName), passed, run) : passed;
        };

    /// <summary>Writes the file of a finished run, from its log and its best weights.</summary>
    /// <exception cref="TorchletException">One of them is damaged, or the log is missing.</exception>
    internal static void Write(RunFolder run)
    {
        var epochs = TrainingLog.Read(run)[0];
        AtomicFile.Write(run.PathOf(FileName), path => _ = Written(path, epochs, run).Count());
    }

    static IEnumerable<Epoch> Written(string path, IEnumerable<Epoch> epochs, RunFolder run)
    {
        using var file = GrowingFile.MakeAgain(path);
        var time = Began(run);
        file.Write(Record(new() { WallTime = Seconds(time), FileVersion = "brain.Event:2" }));
        foreach (var epoch in run.Finished.Rows.Concat(epochs))
        {
            time += TimeSpan.FromMicroseconds(Math.Round(epoch.Elapsed.TotalMicroseconds)); // As exact as log.csv.
            file.Write(Record(Step(time, epoch.Index, Scalars(epoch))));
            if (epoch.Index > run.Finished.Rows.Length) yield return epoch;
        }
        if (FirstLayer(time, run) is { } picture) file.Write(Record(picture));
    }

    static DateTimeOffset Began(RunFolder run) =>
        DateTimeOffset.TryParse(run.Record().Time, CultureInfo.InvariantCulture, out var time) ? time : DateTimeOffset.UnixEpoch;

    static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    static Event Step(DateTimeOffset time, int epoch, params IEnumerable<Value> values) =>
        new() { WallTime = Seconds(time), Step = epoch, Summary = new() { Value = { values } } };

    static IEnumerable<Value> Scalars(Epoch epoch)
    {
        return [Scalar("loss/train", epoch.TrainLoss), .. Of(epoch.Test, "test"), .. Of(epoch.Validation, "validation"), .. Of(epoch.Averaged, "averaged_test"),
            .. Of(epoch.AveragedValidation, "averaged_validation"),
            .. epoch.LearningRate is { } rate ? [Scalar("learning_rate", rate)] : Array.Empty<Value>()];

        static IEnumerable<Value> Of(Evaluation? judged, string examples) => judged is null ? []
            : [Scalar($"loss/{examples}", judged.Loss), .. judged.Metrics.Select(metric => Scalar($"{metric.Name}/{examples}", metric.Value))];

        static Value Scalar(string tag, double value) => new() { Tag = tag, SimpleValue = (float)value };
    }

    /// <summary>The picture of the best network's first layer; null if its weights are not images, or if no text describes the network.</summary>
    static Event? FirstLayer(DateTimeOffset time, RunFolder run)
    {
        const int rgba = 4;
        var best = run.PathOf(Checkpoint.Best);
        if (!File.Exists(best) || Weights.Read(best) is not { } file || SavedModel.WhyUnusable(file) is not null) return null;
        using var scope = NewDisposeScope();
        var saved = SavedModel.Of(file);
        var units = UnitWeights.OfFirstLayer(saved.ToModel());
        if (units is not [{ Shape: [.., > 1, > 1] }, ..]) return null;
        var (png, width, height) = InferencePlots.FirstLayer(units, run.Record().Subject).Png();
        return Step(time, int.Parse(saved.Metadata["epoch"], CultureInfo.InvariantCulture), new Value
        {
            Tag = "first_layer", Image = new() { Height = height, Width = width, Colorspace = rgba, EncodedImageString = ByteString.CopyFrom(png) },
        });
    }

    /// <summary>An event as a record of the file: its length, its bytes, and a checksum of each.</summary>
    static byte[] Record(Event what)
    {
        var message = what.ToByteArray();
        var (length, checksums) = (new byte[8], new byte[8]);
        BinaryPrimitives.WriteInt64LittleEndian(length, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(checksums, Masked(length));
        BinaryPrimitives.WriteUInt32LittleEndian(checksums.AsSpan(4), Masked(message));
        return [.. length, .. checksums[..4], .. message, .. checksums[4..]];
    }

    /// <summary>CRC-32C, rotated and shifted as TFRecord does, because a checksum over data that holds checksums is weak.</summary>
    static uint Masked(byte[] bytes) => BitOperations.RotateRight(~bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C), 15) + 0xa282ead8;
}
