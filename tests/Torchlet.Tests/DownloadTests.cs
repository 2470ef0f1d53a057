using System.Diagnostics;
using System.Security.Cryptography;
using CsCheck;

namespace Torchlet.Tests;

public sealed class DownloadTests : IDisposable
{
    static readonly byte[] Body = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * i >> 7))];
    static readonly RemoteFile File = new("images.gz", Body.Length, Sha256(Body));

    // The pause is as short as loopback allows. A mirror that must answer in time has far longer than it needs.
    static readonly DownloadPolicy Hasty = new() { Pause = TimeSpan.FromMilliseconds(1), Stall = TimeSpan.FromMilliseconds(600) };

    readonly TemporaryFolder temporary = new();
    readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });

    string Folder => temporary.Path;
    string Final => Path.Combine(Folder, File.Name);
    string Part => Final + ".part";

    public void Dispose()
    {
        http.Dispose();
        temporary.Dispose();
    }

    public static TheoryData<Manner[], Manner[]> Overcome => new(
        ([Manner.Good], [Manner.Forbidden]),
        ([Manner.IgnoresRanges], [Manner.Forbidden]),
        ([Manner.Truncates, Manner.Good], [Manner.NotFound]),
        ([Manner.Truncates, Manner.Truncates, Manner.Good], [Manner.NotFound]),
        ([Manner.TruncatesWithoutLength, Manner.Good], [Manner.NotFound]),
        ([Manner.Truncates, Manner.IgnoresRanges], [Manner.NotFound]),
        ([Manner.Truncates, Manner.AnotherRange], [Manner.Good]),
        ([Manner.Truncates, Manner.WrongBytes, Manner.Good], [Manner.NotFound]),
        ([Manner.Stalls], [Manner.Good]),
        ([Manner.Drips], [Manner.Good]),
        ([Manner.Resets, Manner.Good], [Manner.NotFound]),
        ([Manner.Silent], [Manner.Good]),
        ([Manner.NotHttp], [Manner.Good]),
        ([Manner.WrongBytes], [Manner.Good]),
        ([Manner.TooLong], [Manner.Good]),
        ([Manner.Forbidden], [Manner.Good]),
        ([Manner.NotFound], [Manner.Good]),
        ([Manner.Broken, Manner.Broken, Manner.Good], [Manner.NotFound]),
        ([Manner.GoesAway], [Manner.Good]));

    [Theory, MemberData(nameof(Overcome))]
    public async Task A_bad_mirror_is_overcome(Manner[] first, Manner[] second)
    {
        using var one = new LoopbackMirror(Body, first);
        using var two = new LoopbackMirror(Body, second);
        await Fetch(Hasty, one, two);
        AssertWhole();
    }

    public static TheoryData<Manner, string, int> Hopeless => new(
        (Manner.Truncates, "broke off", 3),
        (Manner.TruncatesWithoutLength, "ended after", 3),
        (Manner.Stalls, "sent less than 32 kB in 0.6 s", 3),
        (Manner.Drips, "sent less than 32 kB in 0.6 s", 3),
        (Manner.Silent, "did not answer within 0.6 s", 3),
        (Manner.WrongBytes, $"want {File.Sha256}", 1),
        (Manner.TooLong, "sent more than the file's 300,000 bytes", 1),
        (Manner.Forbidden, "answered 403 Forbidden", 1),
        (Manner.NotFound, "answered 404 Not Found", 1),
        (Manner.Broken, "answered 500 Internal Server Error", 3));

    [Theory, MemberData(nameof(Hopeless))]
    public async Task An_error_names_the_mirror_and_its_failure_which_decides_on_retries(Manner manner, string because, int requests)
    {
        using var mirror = new LoopbackMirror(Body, manner);
        var error = await Assert.ThrowsAsync<TorchletException>(() => Fetch(Hasty, mirror));
        Assert.StartsWith("images.gz: 127.0.0.1 ", error.Message);
        Assert.Contains(because, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(requests, mirror.Requests.Count);
        Assert.False(System.IO.File.Exists(Final));
    }

    [Fact]
    public async Task There_is_no_pause_when_no_mirror_is_worth_asking_again()
    {
        using var mirror = new LoopbackMirror(Body, Manner.Forbidden);
        await Assert.ThrowsAsync<TorchletException>(() => Fetch(Hasty with { Pause = TimeSpan.FromMinutes(10) }, mirror));
    }

    [Fact]
    public async Task A_closed_mirror_is_an_error_of_one_line()
    {
        var closed = new LoopbackMirror(Body, Manner.Good);
        closed.Dispose();
        var error = await Assert.ThrowsAsync<TorchletException>(() => Fetch(Hasty, closed));
        Assert.Equal("images.gz: 127.0.0.1 cannot be reached.", error.Message);
        Assert.Empty(Directory.EnumerateFiles(Folder));
    }

    [Fact]
    public async Task A_partial_file_of_an_earlier_run_is_continued()
    {
        System.IO.File.WriteAllBytes(Part, Body[..123_456]);
        using var mirror = new LoopbackMirror(Body, Manner.Good);
        await Fetch(Hasty, mirror);
        AssertWhole();
        Assert.Equal(("/files/images.gz", 123_456), Assert.Single(mirror.Requests));
    }

    [Theory, InlineData(1), InlineData(123_456), InlineData(300_000), InlineData(300_001)]
    public async Task A_wrong_partial_file_is_discarded(int length)
    {
        System.IO.File.WriteAllBytes(Part, new byte[length]);
        using var mirror = new LoopbackMirror(Body, Manner.Good);
        await Fetch(Hasty, mirror);
        AssertWhole();
    }

    [Fact]
    public async Task Two_downloads_at_once_send_one_request()
    {
        using var mirror = new LoopbackMirror(Body, Manner.Good);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Fetch(Hasty, mirror))));
        AssertWhole();
        Assert.Single(mirror.Requests);
    }

    [Fact]
    public async Task An_existing_file_is_not_downloaded()
    {
        System.IO.File.WriteAllBytes(Final, [1]);
        using var mirror = new LoopbackMirror(Body, Manner.Good);
        await Fetch(Hasty, mirror);
        Assert.Empty(mirror.Requests);
    }

    [Theory, InlineData(Manner.Silent), InlineData(Manner.Drips), InlineData(Manner.Broken)]
    public async Task Patience_ends_however_many_rounds_are_left(Manner manner)
    {
        using var mirror = new LoopbackMirror(Body, manner);
        var error = await Assert.ThrowsAsync<TorchletException>(() =>
            Fetch(Hasty with { Rounds = int.MaxValue, Patience = TimeSpan.FromSeconds(1) }, mirror));
        Assert.Contains("127.0.0.1 ", error.Message);
        Assert.False(System.IO.File.Exists(Final));
    }

    [Fact]
    public async Task Progress_restarts_the_time_outs()
    {
        using var mirror = new LoopbackMirror(Body, Manner.Slow);
        await Fetch(new() { Rounds = 1, Stall = TimeSpan.FromSeconds(2), Patience = TimeSpan.FromSeconds(2) }, mirror);
        AssertWhole();
        Assert.Single(mirror.Requests);
    }

    [Fact]
    public async Task Mirrors_that_were_not_asked_in_time_are_named_too()
    {
        using var mirror = new LoopbackMirror(Body, Manner.Silent);
        var policy = new DownloadPolicy { Patience = TimeSpan.FromMilliseconds(300) };
        var error = await Assert.ThrowsAsync<TorchletException>(() => Fetch(policy, mirror, mirror));
        Assert.Equal("images.gz: 127.0.0.1 did not send it in time; 127.0.0.1 did not send it in time.", error.Message);
    }

    [LongFact]
    public async Task Auto_gives_up_within_ten_seconds_when_no_mirror_answers()
    {
        using var one = new LoopbackMirror(Body, Manner.Silent);
        using var two = new LoopbackMirror(Body, Manner.Silent);
        var started = Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<TorchletException>(() => Fetch(new DataPlaces().Brief, one, two));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 5, 10);
        Assert.Equal("images.gz: 127.0.0.1 did not answer within 5 s; 127.0.0.1 did not send it in time.", error.Message);
    }

    [Fact]
    public async Task Cancelling_keeps_the_bytes_received()
    {
        using var mirror = new LoopbackMirror(Body, Manner.Stalls);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Download.Files(
            Folder, [File], [mirror.Address], http, new(), p => { if (p.Received == Body.Length / 3) cancel.Cancel(); }, cancel.Token));
        Assert.Equal(Body[..(Body.Length / 3)], System.IO.File.ReadAllBytes(Part));
        Assert.False(System.IO.File.Exists(Final));
    }

    [Fact]
    public async Task Progress_grows_to_the_whole_length()
    {
        using var mirror = new LoopbackMirror(Body, Manner.Truncates, Manner.Good);
        var reports = new List<DownloadProgress>();
        await Download.Files(Folder, [File], [mirror.Address], http, Hasty, reports.Add, TestContext.Current.CancellationToken);
        Assert.Equal(Body.Length, reports[^1].Received);
        Assert.Equal(reports.Select(r => r.Received).Order(), reports.Select(r => r.Received));
        Assert.All(reports, r => Assert.True(r.BytesPerSecond > 0 && r.File == File));
    }

    [Fact]
    public void Whatever_the_mirrors_do_the_file_is_right_or_missing()
    {
        Manner[] quick = [.. Enum.GetValues<Manner>().Except([Manner.Silent, Manner.Stalls, Manner.Drips, Manner.Slow])];
        var mirror = Gen.Int[0, quick.Length - 1].Select(i => quick[i]).Array[1, 4];
        Gen.Select(mirror, mirror, Gen.Int[0, Body.Length], Gen.Bool).Sample((first, second, left, isRight) =>
        {
            using var folder = new TemporaryFolder();
            var path = Path.Combine(folder.Path, File.Name);
            System.IO.File.WriteAllBytes(path + ".part", isRight ? Body[..left] : new byte[left]);
            using var one = new LoopbackMirror(Body, first);
            using var two = new LoopbackMirror(Body, second);
            try
            {
                Download.Files(folder.Path, [File], [one.Address, two.Address], http, Hasty).GetAwaiter().GetResult();
                Assert.True(System.IO.File.Exists(path));
            }
            catch (TorchletException) { }
            Assert.True(!System.IO.File.Exists(path) || System.IO.File.ReadAllBytes(path).AsSpan().SequenceEqual(Body));
        }, iter: 100, threads: 1);
    }

    // A hang must fail a test, not hang it.
    Task Fetch(DownloadPolicy policy, params LoopbackMirror[] mirrors) =>
        Download.Files(Folder, [File], [.. mirrors.Select(m => m.Address)], http, policy, cancel: TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    void AssertWhole()
    {
        Assert.Equal(Body, System.IO.File.ReadAllBytes(Final));
        Assert.Equal([Final], Directory.EnumerateFiles(Folder));
    }

    static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
