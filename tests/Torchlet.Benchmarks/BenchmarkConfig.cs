using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet.Benchmarks;

/// <summary>Options of the benchmark.</summary>
[Description("Times Torchlet in turn with what others would write and with its kernels alone, on one machine in one run.")]
sealed record BenchmarkConfig : RunConfig
{
    public const string
        Epoch = "epoch", Zoo = "zoo", Sequences = "sequences", Inference = "inference", Process = "process", Scripts = "scripts", Accuracy = "accuracy",
        Reading = "data", Sweep = "sweep", Growth = "growth", Endurance = "endurance";

    public static ImmutableArray<string> All => [Epoch, Zoo, Sequences, Inference, Process, Scripts, Accuracy, Reading, Sweep, Growth, Endurance];

    [Display(Description = "times that each contestant runs"), Range(1, 1000)]
    public int Rounds { get; init; } = 10;

    [Display(Description = "the parts to run"), AllowedValues(
        Epoch, Zoo, Sequences, Inference, Process, Scripts, Accuracy, Reading, Sweep, Growth, Endurance)]
    public ImmutableArray<string> Only { get; init; } = All;

    [Display(Description = "a Python with PyTorch; what it would have been compared with is skipped where it is missing")]
    public string Python { get; init; } = "/usr/bin/python3";
}
