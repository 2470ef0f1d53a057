namespace Torchlet;

/// <summary>How far a comparison has come.</summary>
/// <param name="Config">What is to be trained.</param>
public sealed record ComparisonProgress(CompareConfig Config)
{
    /// <summary>The epoch that ended last; null before the first.</summary>
    public LossEpoch? Last { get; init; }

    /// <summary>Epochs that have ended, of all trainings.</summary>
    public int Epochs { get; init; }

    /// <summary>What they took together.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The progress after one more epoch.</summary>
    public ComparisonProgress After(LossEpoch epoch) => this with { Last = epoch, Epochs = Epochs + 1, Elapsed = Elapsed + epoch.Epoch.Elapsed };

    /// <summary>Whether the last epoch was the last of its training.</summary>
    public bool IsAtEnd => Last?.Epoch.Index == Config.Epochs;

    /// <summary>What the epochs that are left will take, at the pace of those that have ended.</summary>
    public TimeSpan Left => Epochs == 0 ? TimeSpan.Zero : Elapsed * ((double)Config.Trainings * Config.Epochs / Epochs - 1);

    /// <summary>One line: which training, where it stands, and what is left.</summary>
    public string Line
    {
        get
        {
            if (Last is not { Epoch: var epoch }) return "";
            var stand = IsAtEnd ? $"{epoch.Index} epochs" : $"epoch {epoch.Index} of {Config.Epochs}";
            var left = Left == TimeSpan.Zero ? "" : $", about {(int)Left.TotalMinutes}m {Left.Seconds:00}s left";
            return FormattableString.Invariant(
                $"{Last.Loss}, seed {Last.Seed}: {stand}, test loss {epoch.TestLoss:f3}, test acc {epoch.TestAccuracy * 100:f2}%")
                + $", {(Epochs - 1) / Config.Epochs + 1} of {Config.Trainings}{left}";
        }
    }
}
