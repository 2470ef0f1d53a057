namespace Torchlet.Tests;

public sealed class FolderLockTests : IDisposable
{
    readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void One_at_a_time_has_the_folder_and_nothing_stays()
    {
        var first = FolderLock.TryTake(temporary.Path);
        Assert.NotNull(first);
        Assert.Null(FolderLock.TryTake(temporary.Path));
        first.Dispose();
        Assert.Empty(Directory.EnumerateFiles(temporary.Path));
        using var second = FolderLock.TryTake(temporary.Path);
        first.Dispose();
        Assert.Null(FolderLock.TryTake(temporary.Path));
    }

    [Fact]
    public void A_lock_that_a_killed_process_left_is_taken_over()
    {
        File.WriteAllText(Path.Combine(temporary.Path, FolderLock.FileName), "");
        FolderLock.TryTake(temporary.Path)!.Dispose();
        Assert.Empty(Directory.EnumerateFiles(temporary.Path));
    }

    [Fact]
    public void Whose_lock_file_was_taken_away_leaves_the_next_ones_alone()
    {
        var first = FolderLock.TryTake(temporary.Path)!;
        File.Delete(Path.Combine(temporary.Path, FolderLock.FileName));
        using var second = FolderLock.TryTake(temporary.Path);
        Assert.NotNull(second);
        first.Dispose();
        Assert.Null(FolderLock.TryTake(temporary.Path));
    }

    [Fact]
    public async Task Of_many_that_want_it_at_once_never_two_have_it()
    {
        var (inside, most, turns) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            while (Volatile.Read(ref turns) < 20_000)
            {
                using var turn = FolderLock.TryTake(temporary.Path);
                if (turn is null) continue;
                most = Math.Max(most, Interlocked.Increment(ref inside));
                turns++;
                Thread.SpinWait(100);
                Interlocked.Decrement(ref inside);
            }
        })));
        Assert.Equal(1, most);
        Assert.Empty(Directory.EnumerateFiles(temporary.Path));
    }
}
