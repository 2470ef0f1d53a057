using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class ScanTests
{
    sealed record Pair(Tensor A, Tensor B) : IHolds
    {
        public IEnumerable<Tensor> Tensors => [A, B];
    }

    [Fact]
    public void It_folds_shows_each_step_and_frees_what_no_state_holds_any_more()
    {
        var before = Tensors.Live;
        var live = new List<long>();
        var rows = new List<float>();
        foreach (var row in Scan.Of(() => new Pair(zeros(1) + 1, ones(1)), Enumerable.Range(1, 50), (s, n) =>
        {
            var next = s with { A = s.A + s.B * n }; // B stays as it is.
            return (next, next.A.item<float>());
        }))
        {
            rows.Add(row);
            live.Add(Tensors.Live - before);
        }
        Assert.Equal(Enumerable.Range(1, 50).Select(n => 1 + n * (n + 1) / 2f), rows);
        Assert.All(live, n => Assert.Equal(2, n));
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void The_halves_of_a_state_may_change_places()
    {
        var before = Tensors.Live;
        var rows = Scan.Of(() => new Pair(zeros(1), ones(1)), Enumerable.Range(0, 3), (s, _) => (new Pair(s.B, s.A), s.B.item<float>())).ToList();
        Assert.Equal([1, 0, 1], rows);
        Assert.Equal(before, Tensors.Live);
    }

    [Fact]
    public void Left_or_broken_off_it_leaves_nothing_behind()
    {
        var before = Tensors.Live;
        _ = Scan.Of(() => new Pair(zeros(1), ones(1)), Enumerable.Range(0, 9), (s, _) => (new Pair(s.A + 1, s.B), 0)).Take(3).Count();
        Assert.Equal(before, Tensors.Live);
        Assert.Throws<InvalidOperationException>(() => Scan.Of(() => new Pair(zeros(1), ones(1)), Enumerable.Range(0, 9),
            (s, n) => n == 4 ? throw new InvalidOperationException("a bug") : (new Pair(s.A + 1, s.B), 0)).Count());
        Assert.Equal(before, Tensors.Live);
    }
}
