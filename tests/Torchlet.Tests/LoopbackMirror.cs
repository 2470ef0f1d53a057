using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Torchlet.Tests;

/// <summary>How a mirror answers.</summary>
public enum Manner
{
    Good, IgnoresRanges, Truncates, TruncatesWithoutLength, Stalls, Drips, Slow, Resets, WrongBytes, TooLong, AnotherRange, Silent,
    NotHttp, Forbidden, NotFound, Broken, GoesAway,
}

/// <summary>
/// An HTTP server on loopback that serves files by their names, well or badly: each request is answered by the next of the given
/// manners, all later ones by the last.
/// </summary>
sealed class LoopbackMirror : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource closing = new();
    readonly Func<string, byte[]> content;
    readonly Manner[] manners;
    int requests;

    public LoopbackMirror(byte[] body, params Manner[] manners) : this(_ => body, manners) { }

    public LoopbackMirror(IReadOnlyDictionary<string, byte[]> files, params Manner[] manners) : this(path => files[path["/files/".Length..]], manners) { }

    LoopbackMirror(Func<string, byte[]> content, Manner[] manners)
    {
        (this.content, this.manners) = (content, manners);
        listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/files/");
        _ = Serve();
    }

    public Uri Address { get; }

    /// <summary>Each request so far: its path, and where its range begins.</summary>
    public ConcurrentQueue<(string Path, int From)> Requests { get; } = [];

    public void Dispose()
    {
        closing.Cancel();
        listener.Dispose();
    }

    async Task Serve()
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptTcpClientAsync(closing.Token);
                var manner = manners[Math.Min(requests++, manners.Length - 1)];
                _ = Task.Run(() => Answer(connection, manner));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { } // The mirror was closed.
    }

    async Task Answer(TcpClient connection, Manner manner)
    {
        using var _ = connection;
        try
        {
            var stream = connection.GetStream();
            var (path, from) = await Request(stream);
            Requests.Enqueue((path, from));
            await Answer(connection, stream, content(path), manner, from);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException) { } // The client went away, or the mirror was closed.
    }

    async Task Answer(TcpClient connection, NetworkStream stream, byte[] body, Manner manner, int from)
    {
        var wrong = body.Select(b => (byte)~b).ToArray();
        var most = Math.Max(1, (body.Length - from) / 2);
        await (manner switch
        {
            Manner.Good => Send(from > 0 ? $"206 Partial Content\r\n{Range(from)}" : "200 OK", body.Length - from, body[from..]),
            Manner.IgnoresRanges => Send("200 OK", body.Length, body),
            Manner.Truncates => Send(from > 0 ? $"206 Partial Content\r\n{Range(from)}" : "200 OK", body.Length - from, body[from..(from + most)]),
            Manner.TruncatesWithoutLength => Send(from > 0 ? $"206 Partial Content\r\n{Range(from)}" : "200 OK", null, body[from..(from + most)]),
            Manner.Stalls => Send("200 OK", body.Length, body[..(body.Length / 3)], Wait),
            Manner.Drips => Send("200 OK", body.Length, [], () => Pieces(1, 20)),
            Manner.Slow => Send("200 OK", body.Length, [], () => Pieces(body.Length / 5, 500)),
            Manner.Resets => Send("200 OK", body.Length, body[..(body.Length / 3)], Reset),
            Manner.WrongBytes => Send(from > 0 ? $"206 Partial Content\r\n{Range(from)}" : "200 OK", body.Length - from, wrong[from..]),
            Manner.TooLong => Send("200 OK", null, [.. body, .. body, .. body]),
            Manner.AnotherRange => Send($"206 Partial Content\r\n{Range(from / 2 + 1)}", body.Length, body),
            Manner.Silent => Wait(),
            Manner.NotHttp => stream.WriteAsync("SSH-2.0-elsewhere\r\n"u8.ToArray()).AsTask(),
            Manner.Forbidden => Send("403 Forbidden", 3, "no\n"u8.ToArray()),
            Manner.NotFound => Send("404 Not Found", 3, "no\n"u8.ToArray()),
            Manner.Broken => Send("500 Internal Server Error", 3, "no\n"u8.ToArray()),
            _ => Task.CompletedTask,
        });

        Task Wait() => Task.Delay(Timeout.Infinite, closing.Token);

        async Task Pieces(int length, int pause)
        {
            foreach (var piece in body.Chunk(length))
            {
                await stream.WriteAsync(piece, closing.Token);
                await Task.Delay(pause, closing.Token);
            }
        }

        async Task Reset()
        {
            await Task.Delay(50); // What was sent must arrive first: a reset overtakes it.
            connection.Client.LingerState = new(true, 0);
        }

        async Task Send(string status, int? length, byte[] sent, Func<Task>? then = null)
        {
            var head = $"HTTP/1.1 {status}\r\n{(length is null ? "" : $"Content-Length: {length}\r\n")}Connection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head).Concat(sent).ToArray(), closing.Token);
            if (then is not null) await then();
        }

        string Range(int from) => $"Content-Range: bytes {from}-{body.Length - 1}/{body.Length}";
    }

    async Task<(string Path, int From)> Request(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var path = (await reader.ReadLineAsync(closing.Token))!.Split(' ')[1];
        var from = 0;
        while (await reader.ReadLineAsync(closing.Token) is { Length: > 0 } line)
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase)) from = int.Parse(line["Range: bytes=".Length..].TrimEnd('-'));
        return (path, from);
    }
}
