using System.IO.Compression;

namespace Torchlet;

/// <summary>
/// A gzip file's bytes, to be unpacked by a <see cref="GZipStream"/>. That one takes a checksum that is cut off for a right one, and does not look at
/// what follows the last member. Here its last bytes come one by one, so that none is taken before it is needed, and behind them zeros,
/// which turn a checksum that is cut off into a wrong one.
/// </summary>
sealed class GzipBytes(FileStream file) : Stream
{
    const int Singly = 1 << 10, Checksum = 8;

    byte last;

    /// <summary>How many bytes behind the file's end were looked at; where its content ends with the file that is one.</summary>
    public int Beyond { get; private set; }

    /// <summary>Whether nothing but zeros follows what was unpacked; a tape's records are filled up so.</summary>
    public bool IsFollowedByZeros(CancellationToken stop)
    {
        var rest = new byte[1 << 16];
        for (var (count, zeros) = (0, last == 0); zeros; zeros = rest.AsSpan(0, count).IndexOfAnyExcept((byte)0) < 0)
        {
            stop.ThrowIfCancellationRequested();
            count = file.Read(rest);
            if (count == 0) return true;
        }
        return false;
    }

    public override int Read(Span<byte> buffer)
    {
        var count = file.Read(buffer[..(int)Math.Clamp(file.Length - file.Position - Singly, 1, buffer.Length)]);
        if (count == 0 && Beyond < Checksum) (buffer[0], count, Beyond) = (0, 1, Beyond + 1);
        if (count > 0) last = buffer[count - 1];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
