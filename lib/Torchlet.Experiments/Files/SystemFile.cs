using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Torchlet;

/// <summary>Kinds of files.</summary>
enum FileKind
{
    Regular,
    Folder,
    Link,

    /// <summary>A pipe, a device or a socket.</summary>
    Other,
}

/// <summary>Kind of a file, and the numbers by which the system identifies it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Device">The file system.</param>
/// <param name="Number">The file's number there.</param>
/// <param name="Names">How many names it has: more than one with hard links.</param>
readonly record struct FileFacts(FileKind Kind, ulong Device, ulong Number, uint Names);

/// <summary>
/// Opens files that exist without waiting, and, for writing, without following links. .NET follows every link, and waits where a pipe has no other end.
/// </summary>
static partial class SystemFile
{
    // Of stat(2): kinds, and offsets in the results of statx (Linux) and stat (macOS).
    const int KindMask = 0xF000, RegularKind = 0x8000, LinkKind = 0xA000, FolderKind = 0x4000;
    const int AnswerLength = 256, CurrentFolder = -100, NoFollow = 0x100, OfHandle = 0x1000;
    const uint BasicFacts = 0x7ff;

    // Of errno.h.
    const int NoEntry = 2, Interrupted = 4, NoFolder = 20, Invalid = 22, ReadOnly = 30, NoSupportLinux = 95, NoSupportMac = 45;
    static readonly int[] Busy = [11, 35];

    // What .NET says where the file is there by now, or locked already: EEXIST, Windows' ERROR_FILE_EXISTS, and the two of Busy.
    static readonly int[] MadeMeanwhile = [17, unchecked((int)0x80070050), .. Busy];

    /// <summary>The file at a path; null if there is none.</summary>
    /// <exception cref="IOException">The system does not say, for example since the name is too long.</exception>
    public static FileFacts? At(string path, bool followLinks)
    {
        if (OperatingSystem.IsWindows()) return OnWindows(path, followLinks);
        var answer = new byte[AnswerLength];
        var failed = OperatingSystem.IsMacOS() ? (followLinks ? stat(path, ref answer[0]) : lstat(path, ref answer[0]))
            : statx(CurrentFolder, path, followLinks ? 0 : NoFollow, BasicFacts, ref answer[0]);
        return failed == 0 ? Parse(answer) : Marshal.GetLastPInvokeError() is NoEntry or NoFolder ? null : throw Error(path);
    }

    /// <summary>Opens the regular file at a path, or the one that a link there leads to, for reading.</summary>
    /// <exception cref="TorchletException">Something else is there; the message names it.</exception>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public static FileStream OpenRead(string path)
    {
        // Looked at first, since opening a device may do something, and again, since another file may be there by then.
        CheckRegular(path, At(path, followLinks: true) ?? throw new FileNotFoundException($"No such file: '{path}'"));
        if (OperatingSystem.IsWindows()) return File.OpenRead(path);
        var handle = Open(path, FileAccess.Read) ?? throw Error(path);
        try
        {
            CheckRegular(path, Of(handle));
            return new(handle, FileAccess.Read);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens the regular file at a path for reading and writing. It is not shortened, and a link is not followed.</summary>
    /// <returns>The file; null if it is not there, or was replaced meanwhile.</returns>
    /// <exception cref="TorchletException">Something else is there; the message names it.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static SafeFileHandle? OpenOwn(string path)
    {
        if (At(path, followLinks: false) is not { } there) return null;
        if (there.Kind == FileKind.Link) throw new TorchletException($"{path}: it is a link, and links are not followed when writing; take it away.");
        CheckRegular(path, there);
        if (OperatingSystem.IsWindows()) return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var handle = Open(path, FileAccess.ReadWrite);
        if (handle is null && Marshal.GetLastPInvokeError() != NoEntry) throw Error(path);
        if (handle is null || IsAt(handle, path)) return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>The same, but a file that is not there is made.</summary>
    /// <inheritdoc cref="OpenOwn" path="/exception"/>
    public static SafeFileHandle OpenOrMake(string path, FileShare share)
    {
        while (true)
        {
            if (OpenOwn(path) is { } there) return there;
            try
            {
                // Nothing is followed or shortened where a file is made that must not be there yet.
                return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, share);
            }
            catch (IOException e) when (MadeMeanwhile.Contains(e.HResult))
            {
                // Another process made it meanwhile.
            }
        }
    }

    /// <summary>Whether the open file is the one that has this name, itself and not through a link.</summary>
    public static bool IsAt(SafeFileHandle file, string path) =>
        At(path, followLinks: false) is { } named && Of(file) is var open && (named.Device, named.Number) == (open.Device, open.Number);

    /// <summary>Kind of an open file.</summary>
    public static FileFacts Of(SafeFileHandle file)
    {
        var answer = new byte[AnswerLength];
        var failed = OperatingSystem.IsMacOS() ? fstat(file, ref answer[0]) : statx(file, "", OfHandle, BasicFacts, ref answer[0]);
        return failed == 0 ? Parse(answer) : throw Error("an open file");
    }

    /// <summary>Locks an open file until it is closed; false if another process holds it.</summary>
    public static bool TryLock(SafeFileHandle file)
    {
        const int exclusively = 2, atOnce = 4;
        // Some network file systems have no locks: there, as in .NET's own locking, everybody gets one.
        return OperatingSystem.IsWindows() || flock(file, exclusively | atOnce) == 0 || !Busy.Contains(Marshal.GetLastPInvokeError());
    }

    /// <summary>Waits until what was written to a file is on the disk.</summary>
    /// <exception cref="IOException">It did not get there. .NET's own flush does not say so.</exception>
    public static void Flush(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
            while (fsync(file) != 0)
                if (Marshal.GetLastPInvokeError() is var error and not Interrupted)
                {
                    // A file that cannot be flushed at all, such as a pipe, is accepted.
                    if (error is Invalid or ReadOnly or NoSupportLinux or NoSupportMac) return;
                    throw new IOException($"it did not get to the disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
                }
        if (!OperatingSystem.IsLinux()) RandomAccess.FlushToDisk(file); // macOS' fsync leaves it in the disk's memory.
    }

    /// <summary>Whether standard output can be written to. Where it was closed, its number may be that of another file by now.</summary>
    public static bool CanPrint()
    {
        const int output = 1, flagsOf = 3, accessMask = 3;
        return OperatingSystem.IsWindows() || (fcntl(output, flagsOf) is >= 0 and var flags && (flags & accessMask) != 0);
    }

    static SafeFileHandle? Open(string path, FileAccess access)
    {
        var (noWait, onlyHere) = OperatingSystem.IsMacOS() ? (0x4, 0x1000000) : (0x800, 0x80000);
        while (true)
        {
            var number = open(path, (access == FileAccess.Read ? 0 : 2) | noWait | onlyHere);
            if (number >= 0) return new(number, ownsHandle: true);
            if (Marshal.GetLastPInvokeError() != Interrupted) return null;
        }
    }

    static void CheckRegular(string path, FileFacts facts)
    {
        if (facts.Kind != FileKind.Regular)
            throw new TorchletException(
                $"{Printable.Whole(path)}: it is {(facts.Kind == FileKind.Folder ? "a folder" : "a pipe, a device or a socket")} and no file; take it away.");
    }

    static FileFacts? OnWindows(string path, bool followLinks)
    {
        var (file, names) = (new FileInfo(path), 1u);
        var target = followLinks && file.LinkTarget is not null ? file.ResolveLinkTarget(returnFinalTarget: true) : file;
        return target switch
        {
            { LinkTarget: not null } => new(FileKind.Link, 0, 0, names),
            not null when Directory.Exists(target.FullName) => new(FileKind.Folder, 0, 0, names),
            { Exists: true } => new(FileKind.Regular, 0, 0, names),
            _ => null,
        };
    }

    static FileFacts Parse(ReadOnlySpan<byte> answer)
    {
        var isMac = OperatingSystem.IsMacOS();
        var names = isMac ? BinaryPrimitives.ReadUInt16LittleEndian(answer[6..]) : BinaryPrimitives.ReadUInt32LittleEndian(answer[16..]);
        var device = isMac ? BinaryPrimitives.ReadUInt32LittleEndian(answer) : BinaryPrimitives.ReadUInt64LittleEndian(answer[136..]);
        var (mode, number) = isMac ? (4, 8) : (28, 32);
        var kind = (BinaryPrimitives.ReadUInt16LittleEndian(answer[mode..]) & KindMask) switch
        {
            RegularKind => FileKind.Regular,
            LinkKind => FileKind.Link,
            FolderKind => FileKind.Folder,
            _ => FileKind.Other,
        };
        return new(kind, device, BinaryPrimitives.ReadUInt64LittleEndian(answer[number..]), names);
    }

    static IOException Error(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte answer);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int statx(SafeFileHandle file, string path, int flags, uint mask, ref byte answer);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int lstat(string path, ref byte answer);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int stat(string path, ref byte answer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstat(SafeFileHandle file, ref byte answer);

    // No file is made, so the function's third argument, which not all systems pass as the first two, is not wanted.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int file, int command);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);
}
