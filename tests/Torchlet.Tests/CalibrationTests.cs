namespace Torchlet.Tests;

public class CalibrationTests
{
    [Fact]
    public void Every_confidence_has_a_bin_and_those_that_are_none_have_not()
    {
        float[] confidences = [0, 0.2f, 0.25f, 0.26f, 0.5f, 1, float.NaN, 1.5f, -0.1f];
        var bins = Calibration.Bins(confidences.Select((c, i) => new Prediction(i, 0, i % 2, c)), 4);
        Assert.Equal([3, 2, 0, 1], bins.Select(b => b.Count));
        Assert.Equal([(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)], bins.Select(b => (b.Low, b.High)));
        Assert.Equal((0.15, 2 / 3.0), (Math.Round(bins[0].Confidence, 6), bins[0].Accuracy));
        Assert.True(double.IsNaN(bins[2].Accuracy) && double.IsNaN(bins[2].Confidence));
    }

    [Fact]
    public void The_expected_error_weighs_each_bin_by_its_examples()
    {
        ConfidenceBin[] bins = [new(0, 0.5, 3, 0.4, 0.5), new(0.5, 0.9, 0, double.NaN, double.NaN), new(0.9, 1, 1, 1, 0.5)];
        Assert.Equal((3 * 0.1 + 1 * 0.5) / 4, Calibration.ExpectedError(bins), 1e-12);
        Assert.True(double.IsNaN(Calibration.ExpectedError(Calibration.Bins([]))));
    }

    [Fact]
    public void Whoever_is_as_often_right_as_sure_has_no_error()
    {
        var predictions = Enumerable.Range(0, 100).Select(i => new Prediction(i, 0, i < 75 ? 0 : 1, 0.75f));
        Assert.Equal(0, Calibration.ExpectedError(Calibration.Bins(predictions)), 1e-7);
    }
}
