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
}
