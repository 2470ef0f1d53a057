using System.Globalization;

namespace Torchlet;

/// <summary>Progress of a download.</summary>
/// <param name="File">The file that is downloaded.</param>
/// <param name="Received">Bytes on disk, those of an earlier run included.</param>
/// <param name="BytesPerSecond">Rate since this run began.</param>
public sealed record DownloadProgress(RemoteFile File, long Received, double BytesPerSecond);

/// <summary>Prints the progress of downloads on standard error, so that a script's own output stays as it is.</summary>
static class DownloadReport
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>A reporter that rewrites one line on a terminal, and elsewhere prints one line for each complete file.</summary>
    public static Action<DownloadProgress> Live()
    {
        var next = TimeSpan.Zero;
        return progress =>
        {
            var isDone = progress.Received == progress.File.Length;
            var now = TimeSpan.FromMilliseconds(Environment.TickCount64);
            if (!isDone && (Console.IsErrorRedirected || now < next)) return;
            next = now + Pace;
            Console.Error.Write($"{(Console.IsErrorRedirected ? "" : "\r\e[K")}{Line(progress)}{(isDone ? "\n" : "")}");
        };
    }

    /// <summary>The file's name, its bytes received and in total, and the rate.</summary>
    public static string Line(DownloadProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{progress.File.Name}: {progress.Received / 1e6:f1} of {progress.File.Length / 1e6:f1} MB, {progress.BytesPerSecond / 1e6:f1} MB/s");
}
