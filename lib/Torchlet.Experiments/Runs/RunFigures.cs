namespace Torchlet;

/// <summary>What a run has come to so far, as far as it has such a figure: what its line of the index says.</summary>
sealed class RunFigures
{
    int right;

    /// <summary>The lowest <see cref="Epoch.JudgedLoss"/>; null if there is none.</summary>
    public double? JudgedLoss { get; private set; }

    /// <summary>Rows that are on disk.</summary>
    public int Rows { get; private set; }

    /// <summary>The test loss of the best epoch: the one that <see cref="Epoch.Best"/> gives of all of them; null if there is none.</summary>
    public double? BestTestLoss { get; private set; }

    /// <summary>In [0, 1]: that of the same epoch, or the share of examples that are right.</summary>
    public double? Accuracy { get; private set; }

    /// <summary>A row more that has no such figures.</summary>
    public void Add() => Rows++;

    /// <summary>An epoch more.</summary>
    public void Add(Epoch epoch)
    {
        Rows++;
        if (double.IsNaN(epoch.JudgedLoss) || JudgedLoss <= epoch.JudgedLoss) return;
        (JudgedLoss, BestTestLoss, Accuracy) = (epoch.JudgedLoss, epoch.TestLoss, epoch.TestAccuracy);
    }

    /// <summary>A prediction more.</summary>
    public void Add(Prediction prediction)
    {
        Rows++;
        if (prediction.Predicted == prediction.Label) right++;
        Accuracy = (double)right / Rows;
    }
}
