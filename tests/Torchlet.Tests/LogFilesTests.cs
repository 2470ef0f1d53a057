using System.Collections.Immutable;

namespace Torchlet.Tests;

/// <summary>A row of every CSV file: its bytes, what is read back, and the table in outputs/README.md.</summary>
public class LogFilesTests
{
    sealed record Example(LogFile File, string Header, string Line, Func<string, (object? Row, object? Read)> RoundTrip);

    static readonly Epoch Epoch = Tensors.Row(1, Math.PI, 2.5e-7, 0.25) with { Elapsed = TimeSpan.FromSeconds(1.5) };

    static readonly Prediction Prediction = new(3, 1, 0, 0.9f);

    static readonly ImmutableArray<Example> Examples =
    [
        Of(LogFiles.Log,
            Epoch with { Validation = new(0.75, ("accuracy", 0.5)), Averaged = new(0.125, ("accuracy", 1)), LearningRate = 1e-3 },
            "epoch,train_loss,test_loss,test_accuracy,seconds,validation_loss,validation_accuracy,averaged_test_loss,averaged_test_accuracy,learning_rate",
            "1,3.141592653589793,2.5E-07,0.25,1.5,0.75,0.5,0.125,1,0.001"),
        Of(LogFiles.Seeds, (4294967296, Epoch),
            "seed,epoch,train_loss,test_loss,test_accuracy,seconds", "4294967296,1,3.141592653589793,2.5E-07,0.25,1.5"),
        Of(LogFiles.Compared, new("nll", 7, Epoch),
            "loss,seed,epoch,train_loss,test_loss,test_accuracy,seconds", "nll,7,1,3.141592653589793,2.5E-07,0.25,1.5"),
        Of(LogFiles.Variants, new("a \"b\", c", 7, Epoch),
            "variant,seed,epoch,train_loss,test_loss,test_accuracy,seconds", "\"a \"\"b\"\", c\",7,1,3.141592653589793,2.5E-07,0.25,1.5"),
        Of(LogFiles.Predictions(), Prediction, "index,label,prediction,confidence", "3,1,0,0.9"),
        Of(LogFiles.NewRows, new(3, ["Ankle boot"], 0.9f, null), "index,prediction,confidence", "3,Ankle boot,0.9"),
        Of(LogFiles.Classes, new("Ankle boot", 3, 1), "class,examples,correct,accuracy", "Ankle boot,3,1,0.3333333333333333"),
        Of(LogFiles.Mistakes(), new(Prediction, [0, 9, 255, 7], [1, 2, 2]),
            "index,label,prediction,confidence,pixels,shape", "3,1,0,0.9,0 9 255 7,1 2 2"),
        Of(LogFiles.FirstLayer, new(2, [0.1f, -2, 1e-9f, 0], [1, 2, 2]), "unit,weights,shape", "2,0.1 -2 1E-09 0,1 2 2"),
        Of(LogFiles.Drawings, new("a, b.png", [("no", 0.4f), ("yes", 0.1f)], "does not look like one digit"),
            "file,prediction,probability,second,second_probability,third,third_probability,remark",
            "\"a, b.png\",no,0.4,yes,0.1,,,does not look like one digit"),
        Of(LogFiles.DrawingsSeen, new("a, b.png", [0, 9, 255, 7], [1, 2, 2]), "file,pixels,shape", "\"a, b.png\",0 9 255 7,1 2 2"),
        Of(LogFiles.Equivalence, new(7, 2, "float32", 1e-7, 0), "seed,step,precision,loss_difference,gradient_difference", "7,2,float32,1E-07,0"),
        Of(LogFiles.Stability, new("naive", 1e4, 1024, 1, 2, 3, double.NaN),
            "loss,scale,examples,infinite,nan,nonfinite_gradients,error", "naive,10000,1024,1,2,3,NaN"),
        Of(LogFiles.Gradients, new("mse", 7, 0, 0.1, double.NaN, double.PositiveInfinity),
            "loss,seed,epoch,gradient_norm,of_right,of_wrong", "mse,7,0,0.1,NaN,Infinity"),
        Of(LogFiles.Reduction, new(7, 2, 512, 1.0 / 3, 500, 1, 1e-8),
            "seed,step,examples,loss_sum,sgd_ratio,adam_ratio,adam_difference", "7,2,512,0.3333333333333333,500,1,1E-08"),
        Of(LogFiles.Reproductions, new("A book, 2nd", "Dense(9); Adam(0.01); batch 64", "nine", "test accuracy", "0.9", 7, 3, 0.25, 1.235),
            "source,setting,variant,measure,published,seed,epochs,ours,seconds",
            "\"A book, 2nd\",Dense(9); Adam(0.01); batch 64,nine,test accuracy,0.9,7,3,0.25,1.235"),
        Of(LogFiles.Steps, new("nine", 7, 2, 1.0 / 3), "variant,seed,step,loss", "nine,7,2,0.3333333333333333"),
        Of(LogFiles.LayerGradients, (2, [new("<parameter>", 0.125)]), "epoch,<parameter>", "2,0.125"),
        Of(LogFiles.Reconstructions, new(2, [0.5f, 0.1f], [1e-9f, 1], [1, 2]), "index,wanted,made,shape", "2,0.5 0.1,1E-09 1,1 2"),
        Of(LogFiles.Index, new("test", "2026-01-02T03:04:05+09:00", ".", "finished", "--data 'a, b'", 2.5e-7, null, 1.235),
            "script,time,folder,status,options,best_test_loss,accuracy,seconds", "test,2026-01-02T03:04:05+09:00,.,finished,\"--data 'a, b'\",2.5E-07,,1.235"),
        Of(SweepResults.Table(["<option>"], ["<metric>"]),
            new("0a", ["1e-3"], "7", ImmutableDictionary<string, double>.Empty.Add("<metric>", 0.5)) { BestEpoch = 3, Seconds = 1.25 },
            "cell,<option>,seed,<metric>,best_epoch,seconds", "0a,1e-3,7,0.5,3,1.25"),
    ];

    static string Table => string.Join('\n', [
        "| file | written by | columns | a row is |", "| --- | --- | --- | --- |",
        .. Examples.Select(e => $"| `{e.File.Name}` | {e.File.Writer} | `{e.Header}` | {e.File.Content} |"),
    ]);

    public static TheoryData<int> Places => [.. Enumerable.Range(0, Examples.Length)];

    [Theory, MemberData(nameof(Places))]
    public void A_row_has_the_same_bytes_as_ever_and_reads_back_as_itself(int place)
    {
        using var folder = new TemporaryFolder();
        var (file, header, line, roundTrip) = Examples[place];
        var (row, read) = roundTrip(folder.Path);
        Assert.Equal($"{header}\r\n{line}\r\n", File.ReadAllText(file.In(folder.Path)));
        Assert.Equivalent(row, read, strict: true);
    }

    [Fact]
    public void Every_file_has_an_example_and_a_description()
    {
        Assert.Equal(LogFiles.All.Select(file => (file.Name, file.Writer)).Append(("results.csv", "05")), Examples.Select(e => (e.File.Name, e.File.Writer)));
        Assert.All(Examples, e => Assert.NotEqual("", e.File.Content));
    }

    [Fact]
    public void The_table_in_the_readme_of_outputs_has_these_files_and_columns()
    {
        var readme = File.ReadLines(Path.Combine(ProjectFolders.Root, "outputs", "README.md")).SkipWhile(text => text != "## CSV files");
        Assert.Equal(Table, string.Join('\n', readme.Where(text => text.StartsWith('|'))));
    }

    [Fact]
    public void A_log_has_a_column_for_each_metric_and_reads_it_back()
    {
        using var folder = new TemporaryFolder();
        Epoch[] rows = [new(1, 3, new(0.5, ("mae", 1.0 / 3), ("accuracy", 0.25))) { Validation = new(0.75, ("mae", 2), ("accuracy", 0.5)) }];
        CsvLog.Write(folder.Path, LogFiles.Log, rows);
        Assert.Equal("epoch,train_loss,test_loss,test_accuracy,seconds,test_mae,validation_loss,validation_mae,validation_accuracy",
            File.ReadLines(LogFiles.Log.In(folder.Path)).First());
        var read = Assert.Single(LogFiles.Log.Read(folder.Path));
        Assert.Equal((0.25, 1.0 / 3, 0.5, 2), (read.Test["accuracy"], read.Test["mae"], read.Validation!["accuracy"], read.Validation["mae"]));
    }

    [Fact]
    public void A_file_without_rows_has_its_header_unless_that_depends_on_a_row()
    {
        using var folder = new TemporaryFolder();
        CsvLog.Steps(new(folder.Path, "test"), []);
        CsvLog.Variants(new(folder.Path, "test"), []);
        Assert.Equal("variant,seed,step,loss\r\n", File.ReadAllText(LogFiles.Steps.In(folder.Path)));
        Assert.Equal("", File.ReadAllText(LogFiles.Variants.In(folder.Path)));
    }

    [Fact]
    public void A_file_without_a_required_column_is_refused_and_one_without_an_optional_column_is_read()
    {
        using var folder = new TemporaryFolder();
        var path = LogFiles.FirstLayer.In(folder.Path);
        File.WriteAllText(path, "unit,weights\n0,1 2 3 4\n1,1 2 3\n");
        Assert.Equal([[1, 2, 2], [3]], LogFiles.FirstLayer.Read(folder.Path).Select(u => u.Shape.ToArray()));
        File.WriteAllText(path, "unit,shape\n0,1\n");
        Assert.Equal($"{path}, line 1: missing column weights; want unit,weights.",
            Assert.Throws<TorchletException>(() => LogFiles.FirstLayer.Read(folder.Path)).Message);
        File.WriteAllText(LogFiles.Compared.In(folder.Path), "loss,seed,epoch,train_loss,test_loss\nnll,0,1,2,3\n");
        Assert.EndsWith("missing column test_accuracy; want loss,seed,epoch,train_loss,test_loss,test_accuracy.",
            Assert.Throws<TorchletException>(() => LogFiles.Compared.Read(folder.Path)).Message);
    }

    static Example Of<Row>(LogFile<Row> file, Row row, string header, string line) => new(file, header, line, folder =>
    {
        CsvLog.Write(folder, file, [row]);
        return (row, Assert.Single(file.Read(folder)));
    });
}
