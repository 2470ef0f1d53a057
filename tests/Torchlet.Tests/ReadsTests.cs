using System.Diagnostics.Metrics;

namespace Torchlet.Tests;

/// <summary>How often a training waits for its device: whenever numbers are read back from it.</summary>
public class ReadsTests
{
    static readonly Dataset Data = Tensors.SmallData();
    static readonly Recipe Recipe = new TrainConfig { Epochs = 3, BatchSize = 64, Hidden = [20] }.Recipe(Data);

    // The static fields are set before a test opens a dispose scope, which would free their tensors at its end.
    static ReadsTests() { }

    [Fact]
    public void Within_an_epoch_there_are_none_and_after_it_one_for_each_number_and_tensor_of_its_row()
    {
        var (within, told) = (new List<int>(), new Told());
        var reads = Counted(() =>
        {
            foreach (var epoch in Training.Epochs(Recipe, Data, progress: told)) within.Add(told.Batches);
        }, count => told.Reads = count);
        Assert.Equal([32, 64, 96], within);
        // The losses of the epoch's batches, test loss and accuracy, and the parameters and Adam's two moments for the row's snapshot.
        const int ofEpoch = 1 + 2 + 3;
        Assert.Equal(3 * ofEpoch, reads);
        Assert.Equal(Enumerable.Range(0, 96).Select(batch => batch / 32 * ofEpoch), told.ReadsBefore);
    }

    [Fact]
    public void Whoever_asks_for_the_loss_of_a_batch_reads_once() =>
        Assert.Equal(96, Counted(() => Training.Steps(Recipe, Data).Count(), _ => { }));

    [Fact]
    public void An_evaluation_reads_each_figure_once_however_many_batches_it_has()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var model = Training.Begin(Recipe, Data).Model;
        Assert.Equal(2, Counted(() => Metrics.Evaluate(model, Data.Test, Recipe.Objective, 10), _ => { }));
    }

    /// <summary>The reads of this thread while something is done.</summary>
    static int Counted(Action work, Action<int> tell)
    {
        var (count, thread) = (0, Environment.CurrentManagedThreadId);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == Scalars.Meter) listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, reads, _, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread) tell(count += (int)reads);
        });
        listener.Start();
        work();
        return count;
    }

    sealed class Told : IProgress<TrainingProgress>
    {
        public int Batches => ReadsBefore.Count;

        public int Reads { get; set; }

        public List<int> ReadsBefore { get; } = [];

        public void Report(TrainingProgress value) => ReadsBefore.Add(Reads);
    }
}
