namespace Torchlet.Tests;

public class ThinnedTests
{
    [Fact]
    public void A_curve_of_as_many_points_as_can_be_seen_stays_as_it_is()
    {
        var points = Curve(10_000);
        Assert.Same(points, Thinned.Of(points));
    }

    [Fact]
    public void Of_a_longer_one_every_peak_stays_and_its_ends_in_their_order()
    {
        var points = Curve(1_000_000);
        (points[123_456], points[654_321]) = ((123_456, 100), (654_321, -100));
        var thinned = Thinned.Of(points);
        Assert.InRange(thinned.Count, 4000, 16_000);
        Assert.Contains((123_456, 100), thinned);
        Assert.Contains((654_321, -100), thinned);
        Assert.Equal((points[0], points[^1]), (thinned[0], thinned[^1]));
        Assert.Equal(thinned.OrderBy(p => p.X), thinned);
        Assert.Subset(points.ToHashSet(), thinned.ToHashSet());
    }

    static List<(double X, double Y)> Curve(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i => ((double)i, random.NextDouble()))];
    }
}
