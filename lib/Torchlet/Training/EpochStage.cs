using System.Numerics;

namespace Torchlet;

/// <summary>The stages that a run's epochs pass through, in their order: a stage may rely on the files that those before it have written.</summary>
[Flags]
enum EpochStage { None = 0, Clock = 1, Display = 2, Log = 4, KeepBest = 8, KeepLast = 16, EarlyStop = 32, TensorBoard = 64, Draw = 128 }

/// <summary>Checks the order of the stages.</summary>
static class EpochStages
{
    /// <summary>The epoch, marked as having passed a stage.</summary>
    /// <exception cref="ArgumentException">It has passed that stage or a later one already.</exception>
    public static Epoch MarkedBy(this Epoch epoch, EpochStage stage)
    {
        epoch.CheckBefore(stage);
        return epoch with { Stages = epoch.Stages | stage };
    }

    /// <summary>Fails for an epoch that has passed a stage or a later one already.</summary>
    public static void CheckBefore(this Epoch epoch, EpochStage stage)
    {
        if (epoch.Stages < stage) return;
        var last = (EpochStage)(1 << BitOperations.Log2((uint)epoch.Stages));
        throw new ArgumentException(last == stage
            ? $"The stage {stage} is used twice; use it once. {Order}" : $"The stage {stage} comes after {last}; put it before. {Order}");
    }

    /// <summary>Fails for an epoch without a time: its seconds would be logged as 0.</summary>
    public static void CheckTimed(this Epoch epoch)
    {
        if (epoch.Elapsed == TimeSpan.Zero)
            throw new ArgumentException($"The stage {EpochStage.Log} comes before {EpochStage.Clock}, or without it; put Clock.Time before it. {Order}");
    }

    static string Order => $"The order is {string.Join(", ", Enum.GetNames<EpochStage>()[1..])}.";
}
