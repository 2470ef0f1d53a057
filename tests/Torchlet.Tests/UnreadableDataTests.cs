using System.Runtime.InteropServices;
using SkiaSharp;

namespace Torchlet.Tests;

/// <summary>Data that the process may not read, or that would take all memory.</summary>
public sealed class UnreadableDataTests : IDisposable
{
    const int Nobody = 65534;

    readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void A_folder_below_a_class_that_cannot_be_read_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' identities of threads");
        OwnFiles.Pictures(temporary.Path, 3, "a", "b");
        var closed = Path.Combine(temporary.Path, "b", "more");
        OwnFiles.Picture(Path.Combine(closed, "4.png"), 28, 28, (x, y) => OwnFiles.Grey(x));
        Assert.Equal(0, chmod(temporary.Path, 0x1ed));
        Assert.Equal(0, chmod(closed, 0));
        var own = setfsuid(Nobody); // An administrator may read everything; this thread is none for a while.
        try
        {
            var message = Assert.Throws<TorchletException>(() => PictureFolder.Read(temporary.Path, 28, CancellationToken.None)).Message;
            Assert.Contains($"{Path.Combine(temporary.Path, "b")} cannot be read", message);
            Assert.Contains(closed, message);
        }
        finally
        {
            _ = setfsuid(own);
            _ = chmod(closed, 0x1c0);
        }
    }

    /// <summary>A progressive JPEG keeps all of its numbers, six bytes a pixel, however small it is decoded.</summary>
    [Theory]
    [InlineData(0xc0, 8000, null)]
    [InlineData(0xc2, 8000, "has 8000 × 8000 pixels")]
    [InlineData(0xc0, 60000, "has 60000 × 60000 pixels")]
    public void A_picture_is_refused_before_it_takes_all_memory(int frame, int side, string? because)
    {
        var file = OwnFiles.Picture(64, 64, (x, y) => OwnFiles.Grey(x + y), SKEncodedImageFormat.Jpeg);
        var at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xff, 0xc0]);
        file[at + 1] = (byte)frame;
        foreach (var place in new[] { at + 5, at + 7 }) (file[place], file[place + 1]) = ((byte)(side >> 8), (byte)side);
        if (because is null) Assert.Equal(1000, PictureFile.Decoded(file, side: 28).Width); // Decoded to an eighth of its size.
        else Assert.Contains(because, Assert.Throws<TorchletException>(() => PictureFile.Decoded(file, side: 28)).Message);
    }

    [Fact]
    public void What_a_killed_rank_left_is_deleted_by_a_later_one()
    {
        var (left, live, young) = (At("torchlet-rank-left"), At("torchlet-rank-live"), At("torchlet-rank-young"));
        foreach (var folder in new[] { left, live, young, At("elsewhere") }) Directory.CreateDirectory(Path.Combine(folder, "run"));
        using var turn = FolderLock.TryTake(live);
        foreach (var folder in new[] { left, live }) Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddHours(-2));
        Directory.CreateSymbolicLink(At("torchlet-rank-link"), At("elsewhere"));
        using (var scratch = new Scratch(temporary.Path))
        {
            Assert.True(Directory.Exists(scratch.Folder));
            Assert.Equal([false, true, true, true], new[] { left, live, young, At("elsewhere", "run") }.Select(Directory.Exists));
        }
        Assert.Equal(4, Directory.EnumerateDirectories(temporary.Path).Count());
    }

    [DllImport("libc")]
    static extern int chmod([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);

    [DllImport("libc")]
    static extern int setfsuid(int user);

    string At(params string[] parts) => Path.Combine([temporary.Path, .. parts]);
}
