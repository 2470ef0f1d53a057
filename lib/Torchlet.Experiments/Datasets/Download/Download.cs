using System.Diagnostics;
using System.Security.Cryptography;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Torchlet;

/// <summary>
/// Fetches a file from the first of several mirrors that gives it. What has come so far waits beside it as NAME.part, which the next
/// attempt, mirror or run goes on with; it gets its name once its SHA-256 is right.
/// </summary>
public sealed class Download
{
    /// <summary>No mirror gave the file in one round.</summary>
    sealed class RoundException(bool again) : Exception
    {
        public bool Again => again;
    }

    readonly RemoteFile file;
    readonly string path, part;
    readonly Transfer transfer;
    readonly DownloadPolicy policy;
    readonly Action<DownloadProgress> report;
    readonly CancellationTokenSource patience;
    readonly Dictionary<Uri, MirrorException> failures = [];
    readonly long start = Stopwatch.GetTimestamp();
    long received, sinceStep;

    Download(string folder, RemoteFile file, HttpClient http, DownloadPolicy policy, Action<DownloadProgress> report, CancellationTokenSource patience)
    {
        (this.file, this.policy, this.report, this.patience) = (file, policy, report, patience);
        transfer = new(file, http, policy, Arrived);
        path = Path.Combine(folder, file.Name);
        part = path + ".part";
    }

    /// <summary>Fetches those of the files that the folder lacks. Two processes that do so at once take turns, so the second finds them.</summary>
    /// <param name="folder">Where the files go; it is made.</param>
    /// <param name="files">The files.</param>
    /// <param name="mirrors">Addresses that end in / and serve each file under its name; tried in this order.</param>
    /// <param name="http">The client to ask with; its own time-out must be longer than the policy's.</param>
    /// <param name="policy">Time-outs and retries.</param>
    /// <param name="report">Told of every piece that arrives.</param>
    /// <param name="cancel">Ends it; what has come so far stays.</param>
    /// <exception cref="TorchletException">No mirror gave one of the files; the message says what each of them did.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static async Task Files(
        string folder, IReadOnlyList<RemoteFile> files, IReadOnlyList<Uri> mirrors, HttpClient http, DownloadPolicy policy,
        Action<DownloadProgress>? report = null, CancellationToken cancel = default)
    {
        using var turn = await FolderLock.Take(folder, cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        foreach (var file in files.Where(f => !File.Exists(Path.Combine(folder, f.Name))))
            await new Download(folder, file, http, policy, report ?? (_ => { }), patience).Run(mirrors, cancel);
    }

    async Task Run(IReadOnlyList<Uri> mirrors, CancellationToken cancel)
    {
        RenewPatience();
        try
        {
            await Rounds().ExecuteAsync(async token => await Round(mirrors, token), patience.Token);
        }
        catch (Exception e) when (e is RoundException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new TorchletException($"{file.Name}: {Reasons(mirrors)}.", e);
        }
    }

    string Reasons(IReadOnlyList<Uri> mirrors) => mirrors.Count == 0
        ? "it has no mirrors"
        : string.Join("; ", mirrors.Select(m => $"{m.Host} {(failures.TryGetValue(m, out var failure) ? failure.Message : "was not asked in time")}"));

    ResiliencePipeline Rounds() => policy.Rounds < 2 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<RoundException>(e => e.Again),
        MaxRetryAttempts = policy.Rounds - 1,
        BackoffType = DelayBackoffType.Exponential,
        Delay = policy.Pause,
        UseJitter = true,
    }).Build();

    /// <summary>Asks each mirror that may still have the file.</summary>
    async Task Round(IReadOnlyList<Uri> mirrors, CancellationToken cancel)
    {
        foreach (var mirror in mirrors.Where(m => !failures.TryGetValue(m, out var failure) || failure.Again))
        {
            try
            {
                await Attempt(mirror, cancel);
                return;
            }
            catch (MirrorException e)
            {
                failures[mirror] = e;
            }
        }
        throw new RoundException(again: mirrors.Any(m => failures[m].Again));
    }

    async Task Attempt(Uri mirror, CancellationToken cancel)
    {
        var attempt = new ResiliencePipelineBuilder().AddTimeout(policy.Attempt).Build();
        try
        {
            var resumed = await attempt.ExecuteAsync(async token => await transfer.Complete(part, new Uri(mirror, file.Name), token), cancel);
            await Accept(resumed, cancel);
        }
        catch (TimeoutRejectedException)
        {
            throw new MirrorException($"took longer than {policy.Attempt.TotalSeconds:0.#} s");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            failures.TryAdd(mirror, new MirrorException($"gave nothing within {policy.Patience?.TotalSeconds:0.#} s"));
            throw;
        }
    }

    void Arrived(int count, long position)
    {
        (received, sinceStep) = (received + count, sinceStep + count);
        if (sinceStep >= policy.Step || position == file.Length) RenewPatience();
        report(new(file, position, received / Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    void RenewPatience()
    {
        sinceStep = 0;
        if (policy.Patience is { } time) patience.CancelAfter(time);
    }

    /// <summary>Gives the whole file its name if it is the right one, else throws it away.</summary>
    async Task Accept(bool resumed, CancellationToken cancel)
    {
        var sha256 = await Sha256(part, cancel);
        if (sha256 == file.Sha256)
        {
            File.Move(part, path, overwrite: true);
            return;
        }
        File.Delete(part);
        // The mirror may have sent a good end of a bad beginning: then it deserves to be asked for the whole.
        throw new MirrorException($"gave a file of SHA-256 {sha256}, want {file.Sha256}", again: resumed);
    }

    static async Task<string> Sha256(string path, CancellationToken cancel)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
    }
}
