using System.Collections.Immutable;
using System.Net.Sockets;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.Win32.SafeHandles;

namespace Torchlet.Tests;

/// <summary>Links, pipes, devices and sockets under the names of files that are read or written.</summary>
public sealed class OddFilesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_lock_never_changes_a_file_that_it_is_a_link_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links");
        var (target, path) = (At("target"), At("run", FolderLock.FileName));
        Directory.CreateDirectory(At("run"));
        File.WriteAllText(target, "precious");
        foreach (var leadsTo in new[] { target, At("missing"), At("run") })
        {
            File.CreateSymbolicLink(path, leadsTo);
            Assert.Equal($"{path}: it is a link, and links are not followed when writing; take it away.",
                Assert.Throws<TorchletException>(() => FolderLock.TryTake(At("run"))).Message);
            File.Delete(path);
        }
        Hard(target, path);
        using (var turn = FolderLock.TryTake(At("run")))
        {
            Assert.NotNull(turn);
            Assert.Null(FolderLock.TryTake(At("run")));
        }
        Assert.Equal(("precious", "precious"), (File.ReadAllText(target), File.ReadAllText(path)));
        Assert.False(File.Exists(At("missing")));
    }

    [Fact]
    public void Nothing_is_appended_through_a_link_or_to_what_is_no_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links and pipes");
        var (target, path) = (At("target"), At("log.csv"));
        File.WriteAllText(target, "a\n");
        foreach (var make in NoFiles.Append(p => File.CreateSymbolicLink(p, target)).Append(p => File.CreateSymbolicLink(p, "/dev/null")))
        {
            make(path);
            Assert.StartsWith($"{path}: it is ", Assert.Throws<TorchletException>(() => GrowingFile.Open(path)).Message);
            Delete(path);
        }
        Hard(target, path);
        using (var file = GrowingFile.Open(path)) file.Write("b\n"u8);
        Assert.Equal(("a\n", "a\nb\n"), (File.ReadAllText(target), File.ReadAllText(path)));
        Delete(path);
        File.CreateSymbolicLink(path, target);
        using (var file = GrowingFile.MakeAgain(path)) file.Write("c\n"u8);
        Assert.Equal(("a\n", "c\n"), (File.ReadAllText(target), File.ReadAllText(path)));
    }

    [Fact]
    public void The_index_is_not_written_through_a_link()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links");
        var (target, index) = (At("target"), At(RunIndex.FileName));
        File.WriteAllText(target, "");
        File.CreateSymbolicLink(index, target);
        Assert.Contains("it is a link", Assert.Throws<TorchletException>(() => RunIndex.Add(index, new("s", "t", "f", "finished", "", 1, 1, 1))).Message);
        Assert.Equal("", File.ReadAllText(target));
    }

    [Fact]
    public void A_log_that_is_a_link_is_replaced_before_rows_are_appended()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links");
        var (target, log) = (At("target"), At("log.csv"));
        const string rows = "epoch,train_loss,test_loss,test_accuracy,seconds\r\n1,2,3,0.4,5\r\n";
        File.WriteAllText(target, rows);
        File.CreateSymbolicLink(log, target);
        Assert.Single(TrainingLog.Cut(log, 1));
        Assert.Equal((null, rows, rows), (new FileInfo(log).LinkTarget, File.ReadAllText(log), File.ReadAllText(target)));
    }

    [Fact]
    public void A_log_with_more_epochs_than_the_checkpoint_is_not_cut()
    {
        var log = At("log.csv");
        var rows = "epoch,train_loss,test_loss,test_accuracy,seconds\r\n" + string.Concat(Enumerable.Range(1, 4).Select(n => $"{n},2,3,0.4,5\r\n"));
        File.WriteAllText(log, rows);
        Assert.Contains("holds more epochs than the 2", Assert.Throws<TorchletException>(() => TrainingLog.Cut(log, 2)).Message);
        Assert.Equal(rows, File.ReadAllText(log));
        Assert.Equal(3, TrainingLog.Cut(log, 3).Length);
    }

    [Fact]
    public void What_is_no_file_is_refused_and_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs pipes, sockets and devices");
        var path = At("odd");
        Action[] readers =
        [
            () => RegularFile.Bytes(path), () => RegularFile.Text(path), () => RegularFile.FirstLine(path), () => RegularFile.Lines(path).Count(),
            () => RunRecord.Read(path), () => CsvRows.Read(path, "epoch", row => row), () => TrainingLog.Cut(path, 1), () => TrainingLog.Keep(path, 1),
            () => TrainingLog.Discard(path, path), () => Weights.Read(path), () => PictureFile.Read(path),
            () => SweepCell.Read(path), () => CellResult.Read(path), () => AtomicFile.Write(path, "x"u8.ToArray()),
        ];
        foreach (var make in NoFiles.Append(p => File.CreateSymbolicLink(p, "/dev/zero")))
        {
            make(path);
            var isLink = new FileInfo(path).LinkTarget is not null;
            // A link is replaced where a file is written; and a folder is not there where a file may be missing.
            foreach (var reader in readers.Where(reader => !(isLink && reader == readers[^1]) && (File.Exists(path) || reader == readers[0])))
                Assert.Contains(path, Assert.Throws<TorchletException>(reader).Message);
            Assert.Null(RunStatus.Of(folder.Path));
            if (File.Exists(path)) Assert.NotNull(RunIndex.Folders(path).Damage);
            Delete(path);
        }
        foreach (var make in NoFiles)
        {
            make(At(RunStatus.FileName));
            Assert.Null(RunStatus.Of(folder.Path));
            Delete(At(RunStatus.FileName));
        }
    }

    [Fact]
    public void A_file_that_says_it_is_enormous_is_not_read_into_memory()
    {
        using (var file = File.Create(At("log.csv"))) file.SetLength(100L << 30);
        Assert.Contains("bytes, more than any", Assert.Throws<TorchletException>(() => RegularFile.Text(At("log.csv"))).Message);
        Assert.Contains("bytes, more than any", Assert.Throws<TorchletException>(() => RegularFile.Bytes(At("log.csv"))).Message);
    }

    [Fact]
    public void Links_to_folders_may_hold_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links");
        Directory.CreateDirectory(At("disk"));
        Directory.CreateSymbolicLink(At("outputs"), At("disk"));
        using (FolderLock.TryTake(At("outputs", "run"))) AtomicFile.Write(At("outputs", "run", "a"), "x"u8.ToArray());
        Assert.Equal("x", File.ReadAllText(At("disk", "run", "a")));
    }

    [Fact]
    public void A_flush_that_fails_is_an_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs file numbers");
        using var closed = new SafeFileHandle(int.MaxValue, ownsHandle: false);
        Assert.Contains("it did not get to the disk", Assert.Throws<IOException>(() => SystemFile.Flush(closed)).Message);
    }

    [Fact]
    public void A_name_that_is_too_long_shows_before_the_work_and_a_long_one_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows counts otherwise");
        Assert.Contains("too long", Assert.Throws<TorchletException>(() => AtomicFile.Check(At(new string('x', 300)))).Message);
        foreach (var name in new[] { new string('x', 255), "a." + new string('x', 253) })
        {
            AtomicFile.Check(At(name));
            AtomicFile.Write(At(name), "x"u8.ToArray());
        }
        Assert.Equal(2, Directory.EnumerateFiles(folder.Path).Count());
    }

    // Written under a temporary name, which AtomicFile renames; or made under an unpredictable name.
    static readonly ImmutableArray<string> Makers =
        ["AtomicFile", "FolderLock", "GrowingFile", "SystemFile", "Datasets", "Picture", "RunStatus", "SyntheticFolder", "Doctor"];

    /// <summary>Whatever opens files looks at them first: only Files/ calls .NET's own functions for that.</summary>
    [Fact]
    public void Nothing_else_opens_files()
    {
        var callers = new[] { typeof(RunFolder), typeof(Sweep) }.SelectMany(type => Callers(type.Assembly)).Distinct().ToList();
        Assert.Contains("SystemFile", callers); // Else nothing was found at all.
        Assert.Empty(callers.Except(Makers));
    }

    static IEnumerable<string> Callers(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var banned = reader.MemberReferences.Where(handle => OpensFiles(reader, reader.GetMemberReference(handle)))
            .Select(handle => System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(handle)).ToHashSet();
        foreach (var method in reader.MethodDefinitions.Select(reader.GetMethodDefinition).Where(method => method.RelativeVirtualAddress > 0))
        {
            var code = file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!;
            // call, callvirt, newobj, and the second byte of ldftn; a number that looks like one of them names the token too.
            for (var at = 0; at + 5 <= code.Length; at++)
                if (code[at] is 0x28 or 0x6f or 0x73 or 0x06 && banned.Contains(BitConverter.ToInt32(code, at + 1)))
                    yield return Outermost(reader, method.GetDeclaringType());
        }
    }

    static bool OpensFiles(MetadataReader reader, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference) return false;
        var (type, name) = (reader.GetString(reader.GetTypeReference((TypeReferenceHandle)member.Parent).Name), reader.GetString(member.Name));
        var signature = reader.GetBlobBytes(member.Signature);
        const byte text = 0x0e; // A string as the first parameter, after the calling convention, their number and the result.
        return type switch
        {
            "File" => new[] { "Open", "Read", "Append", "Create", "WriteAll" }.Any(name.StartsWith) && name != "CreateSymbolicLink",
            "FileInfo" => new[] { "Open", "Create", "Append", "CopyTo" }.Any(name.StartsWith),
            "FileStream" => name == ".ctor" && signature[3] == text,
            "StreamReader" or "StreamWriter" => name == ".ctor" && signature[3] == text,
            _ => false,
        };
    }

    static string Outermost(MetadataReader reader, TypeDefinitionHandle handle)
    {
        while (reader.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } outer) handle = outer;
        return reader.GetString(reader.GetTypeDefinition(handle).Name);
    }

    static ImmutableArray<Action<string>> NoFiles => [HostileInput.MakePipe, path => Directory.CreateDirectory(path), MakeSocket];

    static void MakeSocket(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Bind(socket, path);
    }

    // .NET deletes a socket's file when it closes the socket, so it is renamed before that.
    static void Bind(Socket socket, string path)
    {
        socket.Bind(new UnixDomainSocketEndPoint(path + "."));
        File.Move(path + ".", path);
    }

    static void Delete(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null) Directory.Delete(path);
        else File.Delete(path);
    }

    static void Hard(string target, string path) => Assert.Equal(0, ScriptEngine.Start("ln", $"{target} {path}", Path.GetTempPath()).ExitCode);

    string At(params string[] parts) => Path.Combine([folder.Path, .. parts]);
}
