using System.Globalization;

namespace Torchlet;

/// <summary>The weights of a training run on disk.</summary>
public static class Checkpoint
{
    const string Best = "best.safetensors", Last = "last.checkpoint";

    /// <summary>A stage that writes best.safetensors whenever the test loss is lower than it ever was in the run.</summary>
    /// <remarks>Its metadata say what the weights are: sizes, activation, pixels, data set, seed, epoch, test loss.</remarks>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> KeepBest(RunFolder run, LearningConfig config, Dataset data)
    {
        var best = run.Past.Rows.Select(e => e.TestLoss).DefaultIfEmpty(double.PositiveInfinity).Min();
        return Pipe.Tap<Epoch>(epoch =>
        {
            if (!(epoch.TestLoss < best)) return;
            best = epoch.TestLoss;
            Weights.SaveSafetensors(run.PathOf(Best), WeightsOf(epoch, config, data), Metadata(epoch, config, data));
        });
    }

    /// <summary>A stage that writes last.checkpoint, from which <c>--resume</c> goes on, after every epoch, once the stages before it are done with the epoch.</summary>
    public static Func<IEnumerable<Epoch>, IEnumerable<Epoch>> KeepLast(RunFolder run, LearningConfig config, Dataset data) => epochs => KeepLast(epochs, run, config, data);

    /// <summary>What a run that is to be resumed had come to. The log is cut to the epochs that the checkpoint has.</summary>
    /// <exception cref="TorchletException">The checkpoint is damaged, of another version or another training, or the log lacks one of its epochs.</exception>
    internal static Past Read(string folder, LearningConfig config, Dataset data)
    {
        var (checkpoint, log) = (Path.Combine(folder, Last), Path.Combine(folder, "log.csv"));
        if (!File.Exists(checkpoint))
        {
            TrainingLog.Discard(log, checkpoint);
            return Past.None;
        }
        CheckBest(Path.Combine(folder, Best), config, data); // Only if no later epoch is better is it the run's result, so a wrong one must show now.
        var state = Snapshot(checkpoint, config, data);
        return new(TrainingLog.Cut(log, state.Epoch), state);
    }

    /// <summary>Writes the best weights of a run as a PyTorch state dict with the notebook's names: fc1.weight, fc1.bias, ….</summary>
    public static void SaveTorch(string path, RunFolder run) => Weights.SaveTorch(path, Weights.Load(run.PathOf(Best)));

    /// <summary>Fails unless the run's best weights are there and are those of this network and training, as far as the file says.</summary>
    static void CheckBest(string path, LearningConfig config, Dataset data)
    {
        if (!File.Exists(path)) throw new TorchletException($"{path}: it is missing; put it back, or train anew without --resume.");
        var weights = Weights.Load(path);
        CheckSame("network", string.Join('-', weights.Sizes), string.Join('-', Training.Sizes(config, data)));
        foreach (var (name, value) in Origin(config))
            CheckSame(name, weights.Metadata.GetValueOrDefault(name, "unknown"), value);

        void CheckSame(string what, string got, string wanted)
        {
            if (got != wanted)
                throw new TorchletException(
                    $"{path}: it is not of this run, since its {what} is {Printable.Of(got)} and not {wanted}; put the run's own back, or train anew without --resume.");
        }
    }

    static Snapshot Snapshot(string path, LearningConfig config, Dataset data)
    {
        try
        {
            var (state, about) = TrainingCheckpoint.Parse(File.ReadAllBytes(path));
            foreach (var (name, value) in SavedRun.Decisive(config, data))
                if (about.TryGetValue(name, out var was) && was != value)
                    throw new TorchletException($"it is of another training, whose {name} is {Printable.Of(was)} and not {value}");
            var wanted = Mlp.Count(Training.Sizes(config, data));
            return state.Parameters.Length == wanted ? state
                : throw new TorchletException($"it has {state.Parameters.Length} parameters, and the network {wanted}");
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"{path}: {e.Message}; put a good copy back, or train anew without --resume.", e);
        }
    }

    static IEnumerable<Epoch> KeepLast(IEnumerable<Epoch> epochs, RunFolder run, LearningConfig config, Dataset data)
    {
        var path = run.PathOf(Last);
        using var source = epochs.GetEnumerator();
        while (Next(source, path))
        {
            AtomicFile.Write(path, TrainingCheckpoint.Bytes(source.Current.State!, SavedRun.Decisive(config, data)));
            yield return source.Current;
        }
    }

    /// <summary>Takes the next epoch; one who learns that there is none because training went astray wants to know what is left of it.</summary>
    static bool Next(IEnumerator<Epoch> epochs, string checkpoint)
    {
        try
        {
            return epochs.MoveNext();
        }
        catch (DivergenceException e)
        {
            throw new DivergenceException($"{e.Message} {(File.Exists(checkpoint) ? $"The last good checkpoint is {checkpoint}." : "There is no checkpoint yet.")}", e);
        }
    }

    static MlpWeights WeightsOf(Epoch epoch, LearningConfig config, Dataset data) => new(Training.Sizes(config, data), epoch.State!.Parameters.AsMemory());

    static Dictionary<string, string> Metadata(Epoch epoch, LearningConfig config, Dataset data) => new(Origin(config))
    {
        ["sizes"] = string.Join(',', Training.Sizes(config, data)),
        ["pixels"] = PretrainedWeights.UnitPixels,
        ["data"] = data.Name,
        ["epoch"] = $"{epoch.Index}",
        ["test_loss"] = epoch.TestLoss.ToString(CultureInfo.InvariantCulture),
        ["test_accuracy"] = epoch.TestAccuracy.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>What the metadata say of the training that every epoch's weights have in common.</summary>
    static Dictionary<string, string> Origin(LearningConfig config) => new()
    {
        ["activation"] = config.Activation,
        ["seed"] = $"{config.Seed}",
    };
}
