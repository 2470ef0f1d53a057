// The cases of ../pytorch_zoo.csx: eight well-known models, then networks of other kinds, on fewer images.
#load "../../repl.csx"

/// <summary>A model and how it is trained.</summary>
/// <param name="BatchSize">Examples a step, where the options name no other number.</param>
/// <param name="Objective">What is minimised, and what is reported of the test set.</param>
/// <param name="Model">The model.</param>
/// <param name="Optimizer">The optimizer of a training of so many steps.</param>
record Case(int BatchSize, Objective Objective, Layer Model, Func<long, Transform> Optimizer)
{
    /// <summary>How many of the training images it takes, where the options name no other number, and of the test images; null for all.</summary>
    public (int Train, int Test)? First { get; init; }
}

static class Zoo
{
    static readonly Layer
        LeNet5 = Conv(6, 5, padding: 2) >> Relu >> MaxPool(2) >> Conv(16, 5) >> Relu >> MaxPool(2)
            >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10),
        LeNet1998 = Conv(6, 5, padding: 2) >> Tanh >> AvgPool(2) >> Conv(16, 5) >> Tanh >> AvgPool(2)
            >> Flatten >> Dense(120) >> Tanh >> Dense(84) >> Tanh >> Dense(10),
        Norms = Dense(256) >> BatchNorm() >> Relu >> Dense(128) >> LayerNorm() >> Gelu >> Dense(10),
        ConvNorm = Conv(16, 3, stride: 2, padding: 1) >> BatchNorm() >> Relu >> Conv(32, 3, stride: 2, padding: 1) >> BatchNorm() >> Relu >> AvgPool(7)
            >> Flatten >> Dense(10),
        Block = Residual(LayerNorm() >> Dense(64) >> Relu),
        Rows = Reshape(28, 28),
        Patches = Reshape(7, 4, 7, 4) >> Permute(0, 2, 1, 3) >> Reshape(49, 16),
        Vit = Patches >> Each(Dense(64)) >> Positional() >> Transformer(64, heads: 4) >> Mean(0) >> LayerNorm() >> Dense(10),
        Causal = Function(x => Tokens(x)[.., ..^1]) >> Embedding(16, 32) >> Positional(56) >> Transformer(32, heads: 2, causal: true)
            >> Each(LayerNorm() >> Dense(16)),
        Bag = Function(Levels) >> Embedding(784 * 4, 16) >> Sum(0) >> Dense(10),
        Deconv = Conv(8, 3, stride: 2, padding: 1) >> Relu >> Conv(16, 3, stride: 2, padding: 1) >> Relu
            >> ConvTranspose(8, 2, stride: 2) >> Relu >> ConvTranspose(1, 2, stride: 2) >> Flatten,
        Grouped = Conv(16, 3, stride: 2, padding: 1) >> GroupNorm(4) >> Silu >> Conv(16, 3, padding: 1, groups: 16) >> Conv(32, 1) >> GroupNorm(8) >> Mish
            >> GlobalAvgPool >> Dense(10);

    static readonly Objective
        Classify = Objective.Classify(),
        NextToken = new(CrossEntropy) { Prepare = batch => Batches.Floats(batch.Inputs) is var x ? new(x, Tokens(x)[.., 1..]) : batch },
        LowerHalf = new(SmoothL1()) // The brightness of the lower half, from the upper half.
        {
            Prepare = batch => Batches.Floats(batch.Inputs) is var x ? new(x, x.flatten(1)[.., 392..].mean([1]) * 10) : batch,
        };

    public static readonly Dictionary<string, Case> Cases = new()
    {
        ["lenet5"] = new(128, Classify, LeNet5, total => Adam(1e-3)),
        ["lenet1998"] = new(128, Classify, LeNet1998, total => WithMomentum(0.05)),
        ["norms"] = new(128, Classify, Norms, total => AdamW(Schedules.Cosine(1e-3, total))),
        ["convnorm"] = new(256, Classify, ConvNorm, total => RmsProp(1e-3)),
        ["residual"] = new(256, ClassifyBy(Smoothed(0.1)), Dense(64) >> Block >> Block >> Dense(10), total => Adagrad(1e-2)),
        ["nesterov"] = new(512, Classify, Dense(50) >> Relu >> Dense(100) >> Relu >> Dense(10), total => Chain(
            ClipByGlobalNorm(1), AddDecayedWeights(1e-4), Momentum(0.9, nesterov: true), ScaleByLearningRate(Schedules.WarmupCosine(0.1, 50, total)))),
        ["adadelta"] = new(128, Classify, Dense(100) >> Tanh >> Dense(10), total => Adadelta(1)),
        ["adam_l2"] = new(256, ClassifyBy(Smoothed(0.05)), Dense(100) >> Elu >> Dense(10), total => Chain(
            ClipByGlobalNorm(0.5), AddDecayedWeights(1e-3), ScaleByAdam(0.8, 0.99), ScaleByLearningRate(Schedules.WarmupCosine(1e-3, 100, total)))),

        // Sequences.
        ["rnn"] = Small(Classify, Rows >> Recurrent(Rnn(64)) >> Dense(10), Chain(ClipByGlobalNorm(1), Adam(1e-3))),
        ["lstm"] = Small(Classify, Rows >> Recurrent(Lstm(64)) >> Dense(10), Chain(ClipByGlobalNorm(1), Adam(3e-3))),
        ["gru"] = Small(Classify, Rows >> Recurrent(Gru(64)) >> Dense(10), Chain(ClipByGlobalNorm(1), Adam(3e-3))),
        ["bigru"] = Small(Classify, Rows >> Recurrent(Gru(32), sequence: true, bidirectional: true) >> Mean(0) >> Dense(10), Adam(3e-3)),
        ["vit"] = Small(Classify, Vit, AdamW(1e-3)),
        ["causal"] = Small(NextToken, Causal, Adam(1e-3)),
        ["bag"] = Small(Classify, Bag, Adam(1e-2)),

        // Pictures.
        ["deconv"] = Small(Objective.Reconstruct with { Loss = CrossEntropyOfPixels }, Deconv, Adam(1e-3)),
        ["grouped"] = Small(Classify, Grouped, Adam(3e-3)),

        // Losses, activations and optimizers.
        ["huber"] = Small(LowerHalf, Flatten >> (x => x[.., ..392]) >> Dense(50) >> Softplus >> Dense(1), Adam(1e-3)),
        ["nadam"] = Small(Classify, Dense(64) >> Selu >> Dense(10), NAdam(2e-3)),
        ["radam"] = Small(Classify, Dense(64) >> Hardswish >> Dense(10), RAdam(1e-3)),
    };

    static Case Small(Objective objective, Layer model, Transform optimizer) => new(128, objective, model, total => optimizer) { First = (6000, 1000) };

    static Objective ClassifyBy(Loss loss) => Objective.Classify(loss, evaluation: CrossEntropy);

    static Layer Transformer(int width, int heads, bool causal = false) => Residual(Each(LayerNorm()) >> Attention(heads, causal))
        >> Residual(Each(LayerNorm() >> Dense(2 * width) >> Gelu >> Dense(width)));

    /// <summary>16 grey levels of every fourth pixel of the middle eight rows: [batch, 56].</summary>
    static Tensor Tokens(Tensor x) => (x.view(-1, 28, 28).narrow(1, 10, 8)[.., .., TensorIndex.Slice(step: 4)] * 15.999).to(int64).flatten(1);

    /// <summary>Each pixel's place and which of four levels it has, as one number: [batch, 784].</summary>
    static Tensor Levels(Tensor x) => (x.flatten(1) * 3.999).to(int64) + 4 * arange(784);

    /// <summary>Summed over an example's pixels.</summary>
    static Tensor CrossEntropyOfPixels(Tensor logits, Tensor pixels) => BinaryCrossEntropy(logits, pixels) * pixels.size(1);
}
