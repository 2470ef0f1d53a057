using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using static TorchSharp.torch;

namespace Torchlet.Tests;

/// <summary>How titles and legends of pictures show the options of runs.</summary>
public sealed class ShownOptionsTests
{
    // How long a training runs, where and what it writes for other programs; and what a comparison trains, which its own pictures show.
    static readonly string[] NotShown = ["device", "threads", "patience", "tensorboard", "losses", "language"];

    static readonly RunRecord Run = new("02", "a net on digits", ImmutableSortedDictionary<string, string>.Empty, []);

    static IEnumerable<ScriptConfig> Trainings => typeof(TrainingConfig).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(TrainingConfig)) && !type.IsAbstract).Select(type => (ScriptConfig)Activator.CreateInstance(type)!);

    static ImmutableArray<ShownOption> All => ShownOption.OfLibrary;

    static RunRecord With(params (string Name, string? Value)[] options) => Run with { Options = [.. options] };

    static IReadOnlyList<string> Distinctions(params RunRecord[] runs) => RunRecord.Distinctions(runs);

    [Fact]
    public void Every_option_that_changes_numbers_is_shown()
    {
        var silent = from config in Trainings
                     from option in CommandLine.Options(config)
                     where !CommandLine.NotReplayed(config).Contains(option.Name) && All.All(shown => shown.Name != option.Name)
                     select option.Name;
        Assert.Equal(NotShown.Order(), silent.Distinct().Order());
        Assert.Equal(3, Trainings.Count());
    }

    [Fact]
    public void Each_option_has_one_text_and_one_place()
    {
        Assert.Equal(All.Select(o => o.Name).Distinct(), All.Select(o => o.Name));
        Assert.Equal(All.Select(o => o.How.Order).Distinct(), All.Select(o => o.How.Order));
    }

    [Fact]
    public void Only_named_values_are_shown_without_a_prefix()
    {
        var named = from config in Trainings
                    from property in config.GetType().GetProperties()
                    where property.GetCustomAttribute<ShownAttribute>() is { Prefix: "" }
                    select (property.Name, property.GetCustomAttribute<AllowedValuesAttribute>());
        Assert.All(named, option => Assert.NotNull(option.Item2));
    }

    [Fact]
    public void A_value_that_is_not_shown_is_the_default()
    {
        var defaults = CommandLine.Options(new TrainConfig()).ToDictionary(o => o.Name, o => o.Value);
        Assert.All(All.Where(o => o.How.Usual is not null), o => Assert.Equal(defaults[o.Name], o.How.Usual));
    }

    [Fact]
    public void Each_shown_option_tells_runs_apart()
    {
        foreach (var (name, how) in All)
        {
            var runs = new[] { With((name, "7"), ("device", "cpu"), ("out", "a")), With((name, "8"), ("device", "cuda"), ("out", "b")) };
            Assert.Equal([$"{how.Prefix}7", $"{how.Prefix}8"], Distinctions(runs));
            Assert.Equal(how.In == ShownIn.Subtitle ? $"{how.Prefix}7" : "", runs[0].Settled);
            Assert.Equal(["", $"{how.Prefix}8"], Distinctions(With((name, how.Usual)), With((name, "8"))));
        }
    }

    [Fact]
    public void Options_are_shown_from_the_loss_to_the_seeds()
    {
        var values = Enumerable.Range(0, 2).Select(i => With([.. All.Where(o => o.Name != "seed").Select(o => (o.Name, (string?)$"{i}")), ("seed", "5")]));
        const string settled = "0 · smoothed 0 · 0 · momentum 0 · decay 0 · lr 0 · 0 · warm-up 0 · clip 0 · average 0 · mean from epoch 0 · batch 0 · 0 · "
            + "dropout 0 · init 0 · from 0 · only 0 · reduction 0 · judged by 0 · augmented: 0 · order: 0 · side 0 · validation 0 · limit 0 · "
            + "target 0 · context 0 · tokens 0 · seeds 0";
        var runs = values.ToArray();
        Assert.Equal(settled, runs[0].Settled);
        Assert.Equal($"data 0 · 0 · hidden 0 · epochs 0 · {settled}", Distinctions(runs)[0]);
        Assert.Equal($"a net on digits · epochs 0 · {settled}", Distinctions(runs[0], runs[1] with { Subject = "another" })[0]);
        Assert.Equal("seed 5", With(("seeds", ""), ("seed", "5")).Settled);
    }

    [Fact]
    public void A_replaced_part_is_shown_instead_of_its_options()
    {
        using var scope = NewDisposeScope();
        var data = Dataset.Of("digits", new Split(zeros([20, 3]), arange(20) % 2), new Split(zeros([20, 3]), arange(20) % 2), "a", "b");
        string[] parts = [.. new TrainConfig().Recipe(data).Text.Keys, "judge", "start", "order", "batch_size", "seed"];
        Assert.Equal(parts.Order(), All.Select(o => o.How.Part).OfType<string>().Distinct().Order());

        var given = With([.. All.Where(o => o.Name != "seeds").Select(o => (o.Name, (string?)"0"))]);
        var replaced = given with { Parts = [.. parts.Select(part => (part, $"own {part}"))] };
        const string shown = "own objective · own optimizer · batch own batch_size · from own start · reduction own reduction · "
            + "judged by own judge · augmented: own augment · order: own order";
        Assert.Equal($"{shown} · side 0 · validation 0 · limit 0 · target 0 · context 0 · tokens 0 · seed own seed", replaced.Settled);
        Assert.Equal($"own model · {shown} · seed own seed", Distinctions(replaced, given)[0]);
        Assert.Equal("own optimizer", (With() with { Parts = [("optimizer", "own optimizer")] }).Settled);
    }

    [Fact]
    public void A_replaced_part_without_an_option_is_shown_by_its_name()
    {
        var replaced = With() with { Parts = [("optimizer", "Sgd(1)"), ("prepare", "own")] };
        Assert.Equal("Sgd(1) · prepare own", replaced.Settled);
        Assert.Equal(["Sgd(1) · prepare own", ""], Distinctions(replaced, With()));
    }

    [Fact]
    public void A_scripts_own_option_is_shown_where_runs_differ()
    {
        var runs = new[] { "lenet5", "norms" }.Select(name => With(("case", name), ("twice", "true"), ("batch-size", name), ("note", null))).ToArray();
        Assert.Equal(["case lenet5 · batch lenet5", "case norms · batch norms"], Distinctions(runs));
        Assert.Equal("batch lenet5", runs[0].Settled);
        Assert.Equal(["", "note x"], Distinctions(runs[0], runs[0] with { Options = [.. runs[0].Options[..^1], ("note", "x")] }));
        Assert.Equal(["case lenet5 · a net on digits · batch lenet5", "case norms · other · batch norms"],
            Distinctions(runs[0], runs[1] with { Subject = "other" }));
    }
}
