using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>report.html in outputs/, all runs of all scripts in one page, to sort, search, compare and repeat; or in a sweep's folder, its cells.</summary>
public static class Report
{
    /// <summary>The page's name.</summary>
    public const string FileName = "report.html";

    // More points than these of a curve are not told apart on a screen.
    const int MostPoints = 400;

    // outputs/script/run, and runs within a run.
    const int Depth = 4;

    // A folder that holds one of these is a run's, or what is left of it.
    static readonly string[] Signs = [RunRecord.FileName, RunStatus.FileName, LogFiles.Log.Name];

    /// <summary>Writes the page next to the runs, from the files in their folders. A damaged run is listed with the reason.</summary>
    /// <returns>The page's path.</returns>
    public static string Write() => Write(ProjectFolders.Outputs);

    /// <summary>The same of the runs within a run, such as a sweep's cells, into its folder.</summary>
    public static string Write(RunFolder whole) => Write(whole.Folder);

    /// <summary>Whether a run has such a page of the runs within it.</summary>
    public static bool IsIn(RunFolder whole) => File.Exists(whole.PathOf(FileName));

    internal static string Write(string outputs)
    {
        var page = Path.Combine(Directory.CreateDirectory(outputs).FullName, FileName);
        var (listed, damage) = RunIndex.Folders(Path.Combine(outputs, RunIndex.FileName));
        if (damage is not null) Notice.Warn(damage);
        var runs = Folders(outputs, listed).Select(folder => (JsonNode?)Described(folder, outputs)).ToArray();
        var data = new JsonObject
        {
            ["made"] = DateTime.Now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), ["trouble"] = Notice.Line(damage ?? ""),
            ["runs"] = new JsonArray(runs),
        };
        AtomicFile.Write(page, Encoding.UTF8.GetBytes(Page.Of("report", data)));
        return page;
    }

    /// <summary>
    /// Every folder of a run below a folder, outputs/ or that of a run, and those elsewhere that the index lists. The link to the latest run leads to one
    /// of them.
    /// </summary>
    static IEnumerable<string> Folders(string outputs, IEnumerable<string> listed)
    {
        var below = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Depth, AttributesToSkip = FileAttributes.ReparsePoint };
        return Signs.SelectMany(name => Directory.EnumerateFiles(outputs, name, below)).Select(file => Path.GetDirectoryName(file)!)
            .Where(folder => folder != outputs)
            .Concat(listed.Where(folder => RunPlaces.HoldsRun(folder) && !RunIndex.IsWithin(outputs, folder)))
            .Distinct().Order(StringComparer.Ordinal);
    }

    /// <summary>A run as the page shows it; of a damaged one the readable part, and the reason.</summary>
    static JsonObject Described(string folder, string outputs)
    {
        var run = new JsonObject
        {
            ["folder"] = Printable.Whole(RunIndex.Within(outputs, folder)), ["name"] = Printable.Of(Path.GetFileName(folder)), ["link"] = "",
            ["status"] = "", ["script"] = "", ["time"] = "", ["subject"] = "", ["command"] = "",
            ["options"] = new JsonObject(), ["series"] = new JsonArray(), ["pictures"] = new JsonArray(),
        };
        if (Reading.Of(folder, () => Filled(run, folder, outputs)).Damage is { } damage)
            (run["status"], run["trouble"]) = ("damaged", Notice.Line(damage.Message.Replace(folder + Path.DirectorySeparatorChar, "")));
        return run;
    }

    static JsonObject Filled(JsonObject run, string folder, string outputs)
    {
        (run["link"], run["status"], run["pictures"]) = (Page.Link(outputs, folder), Printable.Of(RunStatus.Of(folder) ?? ""), Pictures(folder, outputs));
        var record = new RunFolder(folder, "").Record();
        (run["script"], run["time"], run["subject"]) = (Printable.Of(record.Script), Printable.Of(record.Time), Printable.Of(record.Subject));
        run["options"] = new JsonObject(record.Options.Where(o => o.Value is not null)
            .Concat(record.Parts.Select(part => (Name: part.Part, Value: (string?)part.Text)))
            .Select(o => KeyValuePair.Create(Printable.Of(o.Name), (JsonNode?)Notice.Line(o.Value!))).DistinctBy(o => o.Key));
        run["command"] = Repeating(record.CommandLine);
        AddLog(run, LogFiles.Log.In(folder), record.JudgedBy);
        return run;
    }

    static JsonArray Pictures(string folder, string outputs) => new(
        [.. Directory.EnumerateFiles(folder, "*.png").Order(StringComparer.Ordinal).Select(picture => (JsonNode?)new JsonObject
        {
            ["name"] = Printable.Of(Path.GetFileName(picture)), ["link"] = Page.Link(outputs, picture),
        })]);

    /// <summary>
    /// The line that makes the run again, as it would be typed; without --out, since that folder is taken. Empty if no line does: a program's run, one
    /// that a worker of a sweep recorded as its own, and a line with characters that cannot be copied from a page.
    /// </summary>
    internal static string Repeating(IReadOnlyList<string> words)
    {
        var script = words.Index().FirstOrDefault(word => word.Item.EndsWith(".csx", StringComparison.Ordinal));
        if (script.Item is null || words.Any(word => Printable.Whole(word) != word)) return "";
        var relative = Path.GetRelativePath(ProjectFolders.Root, Path.GetFullPath(script.Item, ProjectFolders.Root));
        var arguments = words.Skip(script.Index + 1).SkipWhile(word => word == "--").ToList();
        if (arguments is [Cluster.CellsOption, ..]) return "";
        for (var i = 0; i < arguments.Count; i++)
            if (arguments[i] == "--out") arguments.RemoveRange(i, Math.Min(2, arguments.Count - i--));
        return string.Join(' ', [
            "dotnet run run.cs --", ShellWord.Of(relative.StartsWith("..", StringComparison.Ordinal) ? script.Item : relative),
            .. arguments.Where(a => !a.StartsWith("--out=", StringComparison.Ordinal)).Select(ShellWord.Of)]);
    }

    /// <summary>The curves of a log, one for each text before the epoch (a loss, a seed), and the figures of the best and the last epoch.</summary>
    static void AddLog(JsonObject run, string log, JudgedBy judge)
    {
        if (!File.Exists(log)) return;
        string[] columns = [];
        var rows = CsvRows.Each(log, "epoch", fields =>
        {
            columns = [.. fields.Columns];
            var first = Array.IndexOf(columns, "epoch");
            return (Series: string.Join(" ", columns[..first].Select(c => $"{c} {Printable.Of(fields.Text(c))}")),
                Values: columns[first..].Select(c => c == "epoch" ? fields.Count(c, least: 1) : fields.Number(c)).ToArray());
        }).GroupBy(row => row.Series, row => row.Values).Select(group => (Name: group.Key, Rows: group.ToList())).ToList();
        if (rows.Count == 0) return;
        columns = columns[Array.IndexOf(columns, "epoch")..];
        run["series"] = new JsonArray([.. rows.Select(series => (JsonNode?)Series(series.Name, columns, series.Rows))]);

        int At(string name) => Array.IndexOf(columns, name);
        double? Of(double[] row, string name) => At(name) is >= 0 and var at && double.IsFinite(row[at]) ? row[at] : null;
        double? Kept(double[] row, string metric) => Of(row, $"averaged_test_{metric}") ?? Of(row, $"test_{metric}");
        double? Judged(double[] row) => Of(row, $"averaged_validation_{judge.Figure}") ?? Of(row, $"validation_{judge.Figure}") ?? Kept(row, judge.Figure);
        var best = rows.SelectMany(series => series.Rows)
            .MinBy(row => Judged(row) is not { } figure ? double.PositiveInfinity : judge.MoreIsBetter ? -figure : figure)!;
        var last = rows[^1].Rows[^1];
        foreach (var (name, value) in new[]
        {
            ("epochs", (double?)rows.Max(series => series.Rows.Count)), ("best_epoch", Of(best, "epoch")),
            ("best_loss", Kept(best, "loss")), ("best_accuracy", Kept(best, "accuracy")),
            ("last_loss", Kept(last, "loss")), ("last_accuracy", Kept(last, "accuracy")),
            ("seconds", At("seconds") < 0 ? null : Math.Round(rows.SelectMany(series => series.Rows).Sum(row => Of(row, "seconds") ?? 0), 2)),
        })
            run[name] = value is { } number && double.IsFinite(number) ? number : null;
    }

    static JsonObject Series(string name, string[] columns, List<double[]> rows)
    {
        var stride = (rows.Count + MostPoints - 1) / MostPoints;
        var thin = rows.Where((_, i) => i % stride == 0 || i == rows.Count - 1).ToList();
        return new()
        {
            ["name"] = name,
            ["epochs"] = new JsonArray([.. thin.Select(row => (JsonNode?)row[0])]),
            ["columns"] = new JsonObject(columns.Index().Skip(1).DistinctBy(column => Printable.Of(column.Item))
                .Where(column => thin.Exists(row => double.IsFinite(row[column.Index])))
                .Select(column => KeyValuePair.Create(Printable.Of(column.Item), (JsonNode?)new JsonArray([.. thin.Select(row => Shown(row[column.Index]))])))),
        };
    }

    // JSON knows no NaN; and six digits are more than a pointer can show.
    static JsonNode? Shown(double value) =>
        double.IsFinite(value) ? double.Parse(value.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
}
