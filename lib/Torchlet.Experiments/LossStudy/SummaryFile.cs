using System.Text;

namespace Torchlet;

/// <summary>summary.md in a run's folder.</summary>
public static class SummaryFile
{
    /// <summary>Writes what a comparison found, in the language that its options name.</summary>
    public static void Write(RunFolder run, StudyMeasurements measurements) => AtomicFile.Write(
        run.PathOf("summary.md"), file => File.WriteAllText(file, StudySummary.Markdown(measurements, measurements.Config.Language), new UTF8Encoding(false)));
}
