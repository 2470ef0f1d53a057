using System.Net;
using System.Net.Http.Headers;

namespace Torchlet;

/// <summary>One attempt to get a file from one mirror, or the part of it that is still missing.</summary>
/// <param name="file">What to get.</param>
/// <param name="http">The client to ask with.</param>
/// <param name="policy">Time-outs.</param>
/// <param name="arrived">Told of each piece: its length, and the length of what is there now.</param>
sealed class Transfer(RemoteFile file, HttpClient http, DownloadPolicy policy, Action<int, long> arrived)
{
    /// <summary>Brings the partial file to its full length.</summary>
    /// <param name="part">The partial file; it is made where it is missing.</param>
    /// <param name="address">Where to ask for what is missing.</param>
    /// <param name="cancel">Ends it; what has come stays in the partial file.</param>
    /// <returns>Whether some of the file was there before, and so may come from elsewhere.</returns>
    /// <exception cref="MirrorException">The mirror did not give the rest.</exception>
    public async Task<bool> Complete(string part, Uri address, CancellationToken cancel)
    {
        var there = File.Exists(part) ? new FileInfo(part).Length : 0;
        if (there == file.Length) return true;
        var from = there < file.Length ? there : 0;
        using var response = await Ask(address, from, cancel);
        var resumes = response.StatusCode == HttpStatusCode.PartialContent;
        // Opened only now, so that a mirror that gives nothing leaves nothing.
        await using var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        output.SetLength(resumes ? from : 0);
        output.Seek(0, SeekOrigin.End);
        await Copy(response, output, cancel);
        output.Flush(flushToDisk: true);
        return resumes;
    }

    async Task<HttpResponseMessage> Ask(Uri address, long from, CancellationToken cancel)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        answer.CancelAfter(policy.Answer);
        try
        {
            return Checked(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, answer.Token), from);
        }
        catch (HttpRequestException e)
        {
            throw new MirrorException(Reason(e));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new MirrorException($"did not answer within {policy.Answer.TotalSeconds:0.#} s");
        }
    }

    HttpResponseMessage Checked(HttpResponseMessage response, long from)
    {
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From != from)
            throw new MirrorException("sent another part than it was asked for", again: false);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
            throw new MirrorException($"answered {(int)response.StatusCode} {response.ReasonPhrase}", again: IsPassing(response.StatusCode));
        return response;
    }

    /// <summary>Whether the same question may get another answer a little later.</summary>
    static bool IsPassing(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;

    async Task Copy(HttpResponseMessage response, FileStream output, CancellationToken cancel)
    {
        await using var input = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[1 << 16];
        while (await Read(input, buffer, cancel) is > 0 and var count)
        {
            if (output.Length + count > file.Length) throw TooLong(output);
            await output.WriteAsync(buffer.AsMemory(0, count), cancel);
            arrived(count, output.Position);
        }
        if (output.Position < file.Length) throw new MirrorException($"ended after {output.Position:n0} of {file.Length:n0} bytes");
    }

    MirrorException TooLong(FileStream output)
    {
        output.SetLength(0);
        return new($"sent more than the file's {file.Length:n0} bytes", again: false);
    }

    async Task<int> Read(Stream input, byte[] buffer, CancellationToken cancel)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(policy.Stall);
        try
        {
            return await input.ReadAsync(buffer, stall.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new MirrorException($"sent nothing for {policy.Stall.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new MirrorException("broke off");
        }
    }

    static string Reason(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "is not known (no network?)",
        HttpRequestError.ConnectionError => "cannot be reached",
        HttpRequestError.SecureConnectionError => "offers no secure connection",
        HttpRequestError.ResponseEnded => "broke off",
        HttpRequestError.ProxyTunnelError => "cannot be reached through the proxy",
        _ => $"failed: {e.Message}",
    };
}
