using TorchSharp;

namespace Torchlet.Tests;

public class HoldOutTests
{
    [Fact]
    public void A_fifth_of_each_class_is_held_out_and_at_least_one_and_always_the_same()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? 0 : 1), 2, 2];
        var (train, test) = HoldOut.Of(labels);
        Assert.Equal([7, 13, 1], test.CountBy(i => labels[i]).OrderBy(c => c.Key).Select(c => c.Value));
        Assert.Equal(Enumerable.Range(0, 102), train.Concat(test).Order());
        Assert.Equal(test.Order(), test);
        Assert.Equal(train.Order(), train);
        torch.manual_seed(5);
        Assert.Equal(test, HoldOut.Of(labels).Test);
        Assert.NotEqual(Enumerable.Range(0, 100).Where(i => i % 3 == 0).Take(7), test.Where(i => labels[i] == 0)); // They are drawn.
    }

    [Fact]
    public void Numbers_are_standardised_by_the_training_part_and_constant_ones_are_nothing()
    {
        var train = torch.tensor(new[,] { { 1e9, 0.1, 5 }, { 1e9 + 2, 0.1, 7 }, { 1e9 + 4, 0.1, 9 } });
        var (x, u) = Standardised.Of(train, torch.tensor(new[,] { { 1e9 + 2, 0.7, 7 + Math.Sqrt(8 / 3.0) } }));
        Tensors.AssertClose(torch.tensor(new[,] { { -1.5f, 0, -1.5f }, { 0, 0, 0 }, { 1.5f, 0, 1.5f } }) * (float)Math.Sqrt(2 / 3.0), x, 1e-6);
        Tensors.AssertClose(torch.tensor(new[,] { { 0f, 0, 1 } }), u, 1e-6);
    }
}
