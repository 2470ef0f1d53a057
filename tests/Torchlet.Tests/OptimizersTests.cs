using TorchSharp;
using static TorchSharp.torch;

namespace Torchlet.Tests;

public class OptimizersTests
{
    [Fact]
    public void Adams_epsilon_stands_where_libtorchs_stands()
    {
        using var scope = NewDisposeScope();
        var start = Tensors.Normal(2, 50);
        var parameter = new TorchSharp.Modules.Parameter(start.clone());
        using var reference = optim.Adam([parameter], 0.01, eps: 0.5);
        var optimizer = Optimizers.Adam(0.01, epsilon: 0.5);
        var (p, state) = (start, OptimizerState.Of(optimizer, new(start, [])));
        for (var step = 0; step < 20; step++)
        {
            reference.zero_grad();
            parameter.square().sum().backward();
            reference.step();
            (var update, state) = optimizer.Step(p * 2, new(p, []), state);
            p = p + update;
        }
        Tensors.AssertClose(parameter.detach(), p, 1e-6);
    }

    [Fact]
    public void A_step_leaves_gradient_and_state_as_they_were()
    {
        using var scope = NewDisposeScope();
        var optimizer = Optimizers.Adam(0.1);
        var (gradient, parameters) = (Tensors.Normal(1, 20), new ParameterVector(Tensors.Normal(2, 20), []));
        var (_, state) = optimizer.Step(gradient, parameters, OptimizerState.Of(optimizer, parameters));
        Tensor[] given = [gradient, parameters.Flat, .. state.Tensors];
        var before = given.Select(t => t.clone()).ToList();
        optimizer.Step(gradient, parameters, state);
        foreach (var (want, got) in before.Zip(given)) Tensors.AssertClose(want, got, 0);
    }
}
