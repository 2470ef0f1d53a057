using static TorchSharp.torch;

namespace Torchlet.Tests;

public class InferenceTests
{
    [Theory, InlineData(7, 255), InlineData(500, 1)]
    public void A_prediction_is_the_likeliest_class_with_its_probability_whatever_the_batch_size(int batchSize, double divisor)
    {
        using var scope = NewDisposeScope();
        var split = AnyModelTests.Pictures(train: 1, test: 500).Test;
        var model = Mlp.Layer([8], Layers.Sigmoid, 10).Fit(1, 8, 8).Init(TorchRandom.Seeded(1)).Model;
        var (confidence, predicted) = (model.Apply(split.Inputs.to_type(ScalarType.Float32).div(divisor)) | Activations.Softmax).max(1);

        var predictions = Inference.Predictions(model, split, batchSize, divisor).ToList();

        Assert.Equal(Enumerable.Range(0, split.Count), predictions.Select(p => p.Index));
        Assert.Equal(split.Targets.data<long>().ToArray(), predictions.Select(p => p.Label));
        Assert.Equal(predicted.data<long>().ToArray(), predictions.Select(p => p.Predicted));
        Tensors.AssertClose(confidence, tensor(predictions.Select(p => p.Confidence).ToArray()), 1e-6);
    }
}
