namespace Torchlet.Tests;

public class AtomicFileTests
{
    [Fact]
    public void The_old_file_stands_until_the_new_one_is_whole()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.txt");
        AtomicFile.Write(path, "old"u8.ToArray());
        AtomicFile.Write(path, temporary =>
        {
            File.WriteAllText(temporary, "half");
            Assert.Equal("old", File.ReadAllText(path));
            File.WriteAllText(temporary, "new");
        });
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Throws<IOException>(() => AtomicFile.Write(path, temporary => { File.WriteAllText(temporary, "half"); throw new IOException("full"); }));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_is_no_ordinary_file_is_refused_and_stays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux' pipes");
        using var folder = new TemporaryFolder();
        var pipe = Path.Combine(folder.Path, "pipe");
        Assert.Equal(0, ScriptEngine.Start("mkfifo", pipe, folder.Path).ExitCode);
        foreach (var path in new[] { pipe, folder.Path, "/dev/null" })
        {
            Assert.Contains("not an ordinary file", Assert.Throws<TorchletException>(() => AtomicFile.Check(path)).Message);
            if (path != "/dev/null")
                Assert.StartsWith($"{path}: it is not an ordinary file",
                    Assert.Throws<TorchletException>(() => AtomicFile.Write(path, "x"u8.ToArray())).Message);
        }
        Assert.Equal([pipe], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_link_is_replaced_and_what_it_leads_to_stays()
    {
        using var folder = new TemporaryFolder();
        var (target, link) = (Path.Combine(folder.Path, "target"), Path.Combine(folder.Path, "link"));
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);
        AtomicFile.Check(link);
        AtomicFile.Write(link, "new"u8.ToArray());
        Assert.Equal(("old", "new", null), (File.ReadAllText(target), File.ReadAllText(link), new FileInfo(link).LinkTarget));
    }

    [Fact]
    public void Looking_whether_a_file_can_be_written_leaves_nothing_and_says_why_not()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.txt");
        AtomicFile.Check(path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        var missing = Path.Combine(folder.Path, "missing", "a.txt");
        Assert.StartsWith($"{missing}: it cannot be written (no such folder)",
            Assert.Throws<TorchletException>(() => AtomicFile.Check(missing)).Message);
    }
}
