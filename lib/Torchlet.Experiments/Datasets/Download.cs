using System.Diagnostics;
using System.Net;
using Polly;
using Polly.Retry;

namespace Torchlet;

/// <summary>A file that mirrors serve, its length in bytes, and its SHA-256 in lower-case hexadecimal.</summary>
public sealed record RemoteFile(string Name, long Length, string Sha256);

/// <summary>How often to ask mirrors, and how long to wait for them. Every 32 kB that arrive restart both time-outs.</summary>
public sealed record DownloadPolicy
{
    /// <summary>How often every mirror is asked.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>The pause after the first round; it doubles with every round.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time-out of one mirror, after which the next one is asked.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time-out of all mirrors together, after which the download fails.</summary>
    public TimeSpan Patience { get; init; } = Timeout.InfiniteTimeSpan;
}

/// <summary>
/// Downloads a file from the first of several mirrors that sends it. The bytes received are in NAME.part, where the next mirror or the next run
/// continues; the file gets its name when its SHA-256 is right.
/// </summary>
public static class Download
{
    /// <summary>Downloads the files that the folder lacks. Two processes that do so at once take turns, so the second finds the files.</summary>
    /// <param name="folder">Where the files go; it is created.</param>
    /// <param name="files">The files.</param>
    /// <param name="mirrors">Addresses that end in / and serve each file under its name; asked in this order.</param>
    /// <param name="http">The client to use; its own time-out must be longer than <see cref="DownloadPolicy.Stall"/>.</param>
    /// <param name="policy">Time-outs and retries.</param>
    /// <param name="report">Called for every piece that arrives.</param>
    /// <param name="cancel">Stops the download; the bytes received are kept.</param>
    /// <exception cref="TorchletException">No mirror sent one of the files; the message says what each mirror did.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static async Task Files(
        string folder, IReadOnlyList<RemoteFile> files, IReadOnlyList<Uri> mirrors, HttpClient http, DownloadPolicy policy,
        Action<DownloadProgress>? report = null, CancellationToken cancel = default)
    {
        using var turn = await FolderLock.Take(folder, cancel);
        foreach (var file in files.Where(f => !File.Exists(Path.Combine(folder, f.Name))))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await new Transfer(file, Path.Combine(folder, file.Name), mirrors, http, policy, report, patience, cancel).Run();
        }
    }

    sealed class MirrorException(string reason, bool canRetry = true) : Exception(reason)
    {
        public bool CanRetry => canRetry;
    }

    sealed class Transfer(
        RemoteFile file, string path, IReadOnlyList<Uri> mirrors, HttpClient http, DownloadPolicy policy, Action<DownloadProgress>? report,
        CancellationTokenSource patience, CancellationToken cancel)
    {
        // A mirror that sends a byte now and then is as bad as a silent one.
        const int Progress = 1 << 15;

        readonly string part = path + ".part";
        readonly Dictionary<Uri, MirrorException> failures = [];
        readonly long start = Stopwatch.GetTimestamp();
        long received;

        public async Task Run()
        {
            var rounds = new ResiliencePipelineBuilder<bool>().AddRetry(new RetryStrategyOptions<bool>
            {
                ShouldHandle = r => new(r.Outcome is { Exception: null, Result: false } && r.AttemptNumber + 1 < policy.Rounds && mirrors.Any(IsWorthAsking)),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = policy.Pause,
                UseJitter = true,
            }).Build();
            // Progress restarts the time-outs, which Polly's own time-out does not allow; so they are cancellation tokens.
            patience.CancelAfter(policy.Patience);
            var isDone = false;
            try
            {
                isDone = await rounds.ExecuteAsync(async _ => await Round(), patience.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { } // Patience ran out: reported below.
            if (!isDone) throw new TorchletException($"{file.Name}: {string.Join("; ", mirrors.Select(Reason).DefaultIfEmpty("it has no mirrors"))}.");
        }

        bool IsWorthAsking(Uri mirror) => !failures.TryGetValue(mirror, out var failure) || failure.CanRetry;

        string Reason(Uri mirror) => $"{mirror.Host} {(failures.TryGetValue(mirror, out var failure) ? failure.Message : "did not send it in time")}";

        /// <summary>Asks one mirror after another; true when one of them has sent the file.</summary>
        async Task<bool> Round()
        {
            foreach (var mirror in mirrors.Where(IsWorthAsking))
            {
                try
                {
                    Accept(await Complete(new(mirror, file.Name)));
                    return true;
                }
                catch (MirrorException e)
                {
                    failures[mirror] = e;
                }
            }
            return false;
        }

        /// <summary>Completes the partial file; false when the mirror sent the whole file.</summary>
        async Task<bool> Complete(Uri address)
        {
            var there = File.Exists(part) ? new FileInfo(part).Length : 0;
            if (there == file.Length) return true;
            var from = there < file.Length ? there : 0;
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0) request.Headers.Range = new(from, null);
            using var stall = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            stall.CancelAfter(policy.Stall);
            using var response = await Wait("did not answer within", http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token));
            var isRest = IsRest(response, from);
            // Opened only now, so that a mirror that sends nothing leaves no file.
            await using var output = GrowingFile.Open(part);
            output.SetLength(isRest ? from : 0);
            output.Seek(0, SeekOrigin.End);
            await Copy(await response.Content.ReadAsStreamAsync(cancel), output, stall);
            return isRest;
        }

        static bool IsRest(HttpResponseMessage response, long from) => response.StatusCode switch
        {
            HttpStatusCode.OK => false,
            HttpStatusCode.PartialContent when response.Content.Headers.ContentRange?.From == from => true,
            HttpStatusCode.PartialContent => throw new MirrorException("sent another part than it was asked for", canRetry: false),
            var other => throw new MirrorException($"answered {(int)other} {response.ReasonPhrase}", canRetry: (int)other is 408 or 429 or >= 500),
        };

        async Task Copy(Stream input, FileStream output, CancellationTokenSource stall)
        {
            var buffer = new byte[Progress];
            while (await Wait($"sent less than {Progress >> 10} kB in", input.ReadAsync(buffer, stall.Token).AsTask()) is > 0 and var count)
            {
                var before = output.Position;
                if (before + count > file.Length)
                {
                    output.SetLength(0);
                    throw new MirrorException($"sent more than the file's {file.Length:n0} bytes", canRetry: false);
                }
                output.Write(buffer, 0, count);
                if (output.Position / Progress > before / Progress)
                {
                    stall.CancelAfter(policy.Stall);
                    patience.CancelAfter(policy.Patience);
                }
                received += count;
                report?.Invoke(new(file, output.Position, received / Stopwatch.GetElapsedTime(start).TotalSeconds));
            }
            if (output.Position < file.Length) throw new MirrorException($"ended after {output.Position:n0} of {file.Length:n0} bytes");
            SystemFile.Flush(output.SafeFileHandle);
        }

        /// <summary>Waits for a mirror; if it is late or fails, the next one is asked.</summary>
        async Task<T> Wait<T>(string late, Task<T> answer)
        {
            try
            {
                return await answer;
            }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested)
            {
                throw new MirrorException($"{late} {policy.Stall.TotalSeconds:0.#} s");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw new MirrorException((e as HttpRequestException)?.HttpRequestError switch
                {
                    null or HttpRequestError.ResponseEnded => "broke off",
                    HttpRequestError.NameResolutionError => "is not known (no network?)",
                    HttpRequestError.ConnectionError => "cannot be reached",
                    HttpRequestError.SecureConnectionError => "offers no secure connection",
                    HttpRequestError.ProxyTunnelError => "cannot be reached through the proxy",
                    _ => $"failed: {e.Message}",
                });
            }
        }

        /// <summary>Gives the complete file its name, or deletes it if its content is wrong.</summary>
        void Accept(bool isResumed)
        {
            var sha256 = RegularFile.Reading(part, content => RegularFile.Sha256(content, cancel));
            if (sha256 == file.Sha256)
            {
                File.Move(part, path, overwrite: true);
                return;
            }
            File.Delete(part);
            // The mirror may have sent a good end to a bad beginning, so it is asked again for the whole file.
            throw new MirrorException($"sent a file of SHA-256 {sha256}, want {file.Sha256}", canRetry: isResumed);
        }
    }
}
