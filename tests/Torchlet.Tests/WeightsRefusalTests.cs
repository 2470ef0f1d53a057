using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using static Torchlet.Tests.WeightsExamples;

namespace Torchlet.Tests;

public class WeightsRefusalTests
{
    [Theory, MemberData(nameof(Names))]
    public void A_bad_file_is_refused_in_one_line_that_says_why(string name)
    {
        var (bytes, reason) = Bad[name];
        var message = Refused(bytes());
        Assert.Contains(reason, message);
        AssertOneLine(message);
    }

    [Theory, MemberData(nameof(WeightsFormatsTests.FixtureFiles), MemberType = typeof(WeightsFormatsTests))]
    public void A_file_cut_off_anywhere_is_refused(string file)
    {
        var whole = Bytes(file);
        for (var length = 0; length < whole.Length; length++)
            AssertOneLine(Refused(whole[..length]));
    }

    [Fact]
    public void The_message_names_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "mine.pkl");
        File.WriteAllBytes(path, []);
        Assert.Equal($"{path}: it is empty, or a device or a pipe and no file; copy or download it again.",
            Assert.Throws<TorchletException>(() => Weights.Load(path)).Message);
        Assert.StartsWith($"{path}.no: it cannot be read", Assert.Throws<TorchletException>(() => Weights.Load(path + ".no")).Message);
        Assert.StartsWith(folder.Path + ": it cannot be read", Assert.Throws<TorchletException>(() => Weights.Load(folder.Path)).Message);
        Assert.StartsWith($"{path}/x.pt: it cannot be written", Assert.Throws<TorchletException>(() => Weights.SaveTorch(path + "/x.pt", Small)).Message);
    }

    [Theory, InlineData(""), InlineData("PK\u0003\u0004"), InlineData("\u0080\u0004"), InlineData("("), InlineData("\u0008\0\0\0\0\0\0\0{"),
     InlineData("\u0010\0\0\0\0\0\0\0{}              ")]
    public void A_huge_hole_is_refused_after_a_look_at_its_two_ends(string start)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "hole.pt");
        using (var hole = File.Create(path))
        {
            hole.Write(Latin1(start));
            hole.SetLength(1_900_000_000);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertOneLine(Assert.Throws<TorchletException>(() => Weights.Read(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory, InlineData("/dev/zero"), InlineData("pipe")]
    public void What_is_no_file_is_refused_unopened(string target)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "no /dev/zero, no mkfifo");
        using var folder = new TemporaryFolder();
        var (pipe, link) = (Path.Combine(folder.Path, "pipe"), Path.Combine(folder.Path, "weights.pt"));
        using (var make = Process.Start("mkfifo", [pipe])) make.WaitForExit();
        File.CreateSymbolicLink(link, target);
        Assert.Contains("a device or a pipe and no file", Assert.Throws<TorchletException>(() => Weights.Read(link)).Message);
    }

    [Fact]
    public void Nothing_that_a_pickle_names_is_run()
    {
        using var folder = new TemporaryFolder();
        var trace = Path.Combine(folder.Path, "trace");
        string[] calls =
        [
            "cos\nsystem\n(Vtouch TRACE\ntR.", "(Vtouch TRACE\nios\nsystem\n.",
            "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093\u008c\u0004echo\u0085R.", "c__builtin__\neval\n(V1\ntR.",
        ];
        foreach (var call in calls)
            Refused(Latin1(call.Replace("TRACE", trace)));
        Assert.False(File.Exists(trace));
    }

    [Fact]
    public void Strings_nested_values_and_sizes_are_bounded_before_memory_is_taken()
    {
        foreach (var (bytes, _) in Bad.Values)
        {
            var file = bytes();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Refused(file);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }
    }

    public static TheoryData<string> Names => [.. Bad.Keys];

    static readonly ImmutableDictionary<string, (Func<byte[]> Bytes, string Reason)> Bad = new Dictionary<string, (Func<byte[]>, string)>
    {
        ["empty"] = (() => [], "empty"),
        ["text"] = (() => Latin1("epoch,train_loss\n1,2.3\n"), "not a weights file"),
        ["a web page"] = (() => Latin1("<!DOCTYPE html>"), "web page"),
        ["gzip"] = (() => [0x1f, 0x8b, 8, 0], "gzip"),
        ["a single array"] = (() => Latin1("\u0093NUMPY\u0001\0"), "numpy.savez"),

        ["pickle: os.system"] = (() => Latin1("cos\nsystem\n(Vecho\ntR."), "it names 'os.system'"),
        ["pickle: a whole model"] = (() => Latin1("\u0080\u0002c__main__\nNet\n)\u0081}b."), "'__main__.Net'"),
        ["pickle: a name that would break the line"] = (() => Latin1("\u0080\u0004\u008c\u0003o\ns\u008c\u0005\u001b[31m\u0093."), "'o?s.?[31m'"),
        ["pickle: INST"] = (() => Latin1("(ios\nsystem\n."), "opcode 0x69"),
        ["pickle: OBJ"] = (() => Latin1("\u0080\u0002(cnumpy\ndtype\no."), "opcode 0x6f"),
        ["pickle: EXT1"] = (() => Latin1("\u0080\u0002\u0082\u0001."), "opcode 0x82"),
        ["pickle: a buffer out of band"] = (() => Latin1("\u0080\u0005\u0097."), "opcode 0x97"),
        ["pickle: a persistent id where none is due"] = (() => Latin1("\u0080\u0002NQ."), "opcode 0x51"),
        ["pickle: a call of a class that may only be named"] = (() => Latin1("\u0080\u0002cnumpy\nndarray\n)R."), "a call of numpy.ndarray"),
        ["pickle: a call of text"] = (() => Latin1("\u0080\u0002U\u0001x)R."), "without a name"),
        ["pickle: protocol 6"] = (() => Latin1("\u0080\u0006}."), "protocol 6"),
        ["pickle: a state for what takes none"] = (() => Latin1("\u0080\u0002K\u0001Nb."), "needs an object that takes a state and finds something else"),
        ["pickle: an item for something else than a list"] = (() => Latin1("\u0080\u0002}Na."), "needs a list and finds something else"),
        ["pickle: an item for something else than a dict"] = (() => Latin1("\u0080\u0002]NNs."), "needs a dict and finds something else"),
        ["pickle: not a dict"] = (() => Latin1("\u0080\u0002]."), "does not hold a dict"),
        ["pickle: no arrays"] = (() => Latin1("\u0080\u0002}U\u0002W1K\u0001s."), "0 dicts of arrays"),
        ["pickle: itself inside itself"] = (() => Latin1("\u0080\u0002}q\0U\u0001ah\0s."), "0 dicts of arrays"),
        ["pickle: one dict under 10,000 names"] = (Shared10000Times, "b1 is missing"),
        ["pickle: an empty stack"] = (() => Latin1("\u0080\u0002R."), "more from the stack"),
        ["pickle: no mark"] = (() => Latin1("\u0080\u0002t."), "wants a mark"),
        ["pickle: takes past a mark"] = (() => Latin1("\u0080\u0002K\u0001(\u0085."), "more from the stack"),
        ["pickle: a memo entry that is not there"] = (() => Latin1("\u0080\u0002h\u0005."), "memo entry 5"),
        ["pickle: a key without a value"] = (() => Latin1("\u0080\u0002}(K\u0001u."), "a dict key without a value"),
        ["pickle: text of 2^63 bytes"] = (() => Latin1("\u0080\u0004\u008d\0\0\0\0\0\0\0\u0080."), "9223372036854775808 bytes are wanted"),
        ["pickle: bytes of 4 GB"] = (() => Latin1("\u0080\u0003B\u00ff\u00ff\u00ff\u00ff."), "4294967295 bytes are wanted"),
        ["pickle: an integer of 2 GB"] = (() => Latin1("\u0080\u0002\u008b\u00ff\u00ff\u00ff\u007f."), "an integer of 2147483647 bytes"),
        ["pickle: an integer of many digits"] = (() => Latin1("(I" + new string('9', 100_000) + "\n."), "the integer '999"),
        ["pickle: text that is not UTF-8"] = (() => Latin1("\u0080\u0002X\u0001\0\0\0\u00ff."), "not UTF-8"),
        ["pickle: a million marks"] = (() => Latin1("\u0080\u0002" + new string('(', 1_000_000) + "."), "more than 100000 opcodes"),
        ["pickle: a million nested lists"] =
            (() => Latin1("\u0080\u0002]" + string.Concat(Enumerable.Repeat("\u0085", 1_000_000)) + "."), "more than 100000 opcodes"),

        ["pickle: a key of a hundred kilobytes for 10,000 values"] =
            (() => Repeating("B\u00a0\u0086\u0001\0" + new string('W', 100_000), "}", "h\u0001Ns"), "a key of 100000 bytes"),

        ["numpy: objects"] = (() => Array("O8", "K\u0001\u0085", ")"), "W1 has elements of type 'O8'"),
        ["numpy: text"] = (() => Array("U3", "K\u0001\u0085", "U\u000cabcdefghijkl"), "W1 has elements of type 'U3'"),
        ["numpy: fewer bytes than the shape wants"] = (() => Array("f4", "K\u0002\u0085", "U\u0004abcd"), "W1 (2,) of float32 wants 8 bytes, got 4"),
        ["numpy: a shape that overflows"] =
            (() => Array("f4", "J\0\0\u0001\0J\0\0\u0001\0J\0\0\u0001\0J\0\0\u0001\0t", "U\0", mark: true), "more than 2147483647 elements"),
        ["numpy: a negative length"] = (() => Array("f4", "J\u00ff\u00ff\u00ff\u00ff\u0085", "U\0"), "W1 has 1 axes of lengths (-1,)"),
        ["numpy: 40 axes"] = (() => Array("f4", string.Concat(Enumerable.Repeat("K\u0001", 40)) + "t", "U\u0004abcd", mark: true), "an array of 40 axes"),
        ["numpy: a shape of 30,000 axes named 10,000 times"] = (() => Repeating(
            "(" + Ones + "t", "cnumpy\ndtype\nU\u0002f4\u0085Rq\u0003cnumpy.core.multiarray\n_reconstruct\n)R", "(K\u0001h\u0001h\u0003\u0089U\0tb"),
            "an array of 30000 axes"),
        ["numpy: a buffer of 30,000 axes made 10,000 times"] = (() => Repeating(
            "(U\0cnumpy\ndtype\nU\u0002f4\u0085R(" + Ones + "tU\u0001Ct", "cnumpy.core.numeric\n_frombuffer\nq\u0002", "h\u0002h\u0001R0"),
            "an array of 30000 axes"),
        ["numpy: the same megabyte 1000 times"] = (Repeated, "that is not a weights file"),
        ["numpy: a name of control characters"] = (() => Array("f4", "K\u0001\u0085", "U\u0004abcd", name: "W\n"), "has the name 'W?'"),

        ["zip: empty"] = (() => Latin1("PK\u0005\u0006" + new string('\0', 18)), "without weights"),
        ["zip: other files"] = (() => Zipped(("readme.txt", [1])), "without weights"),
        ["zip: out of the folder"] = (() => Zipped(("../W1.npy", [1])), "'../W1.npy', which points out"),
        ["zip: from the root"] = (() => Zipped(("/etc/W1.npy", [1])), "which points out"),
        ["zip: from a drive"] = (() => Zipped(("C:\\W1.npy", [1])), "which points out"),
        ["zip: a name twice"] = (() => Zipped(("W1.npy", [1]), ("W1.npy", [1])), "two entries named 'W1.npy'"),
        ["zip: a bomb"] = (() => Zipped(("W1.npy", new byte[50 << 20])), "zip bomb"),
        ["zip: a bomb of many entries"] = (() => Zipped([.. Enumerable.Range(1, 50).Select(i => ($"W{i}.npy", new byte[1 << 20]))]), "zip bomb"),
        ["zip: sizes that add up to 2^63"] = (SizesThatWrap, "zip bomb"),
        ["zip: a size of 2^64 - 1"] = (() => WithZip64(UnpackedSize, ulong.MaxValue), "zip bomb"),
        ["zip: a packed size of 2^64 - 1"] = (() => WithZip64(PackedSize, ulong.MaxValue), "are longer than the archive"),
        ["zip: an offset of 2^64 - 1"] = (() => WithZip64(Offset, ulong.MaxValue), "cannot be unpacked"),
        ["zip: overlapping entries"] = (Overlapping, "entries that overlap"),
        ["zip: a damaged entry"] =
            (() => Patched(Zipped(CompressionLevel.NoCompression, ("W1.npy", Latin1("\u0093NUMPY"))), "NUMPY"u8, "NUMPX"u8), "wrong checksum"),
        ["zip: an encrypted entry"] = (() => PatchedDirectory(8, 1), "encrypted"),
        ["zip: an unknown method"] = (() => PatchedDirectory(10, 12), "by another method than deflate"),
        ["zip: a directory outside the file"] = (() => PatchedEnd(16, 0x7fffffff), "or is damaged"),
        ["zip: an entry outside the file"] = (() => PatchedDirectory(44, 0x7fff), "cannot be unpacked"),
        ["zip: a damaged deflated entry"] = (() => PatchedDirectory(20, 3), "does not unpack to the"),

        ["zip: an entry that unpacks to more than it declares"] = (() => PatchedDirectory(24, 3), "wrong checksum"),
        ["zip: the same, without a checksum"] = (() => PatchedDirectory(CompressionLevel.Optimal, (24, 3), (16, 0), (18, 0)), "wrong checksum"),
        ["zip: a stored entry of more bytes than it declares"] =
            (() => PatchedDirectory(CompressionLevel.NoCompression, (24, 3)), "does not unpack to the 3 bytes"),
        ["zip: a stored entry of fewer bytes than it declares"] =
            (() => PatchedDirectory(CompressionLevel.NoCompression, (24, 300)), "does not unpack to the 300 bytes"),
        ["zip: an entry whose header has another name than the directory"] =
            (() => Patched(Zipped(("W1.npy", Latin1("hello, world"))), "W1"u8, "W2"u8), "the array W1 does not begin"),
        ["zip: more entries than weights have"] =
            (() => Zipped([.. Enumerable.Range(0, 20_001).Select(i => ($"W{i}.npy", new byte[0]))]), "20001 entries"),
        ["zip: fewer entries than the end declares"] = (() => PatchedEnd(8, 30_000 * 0x1_0001u), "or is damaged"),

        ["npz: a header without a shape"] = (() => Zipped(("W1.npy", Npy("{'descr': '<f4', 'fortran_order': False}"))), "not a plain array"),
        ["npz: a structure"] = (() => Zipped(("W1.npy", Npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}"))), "not a plain array"),
        ["npz: version 9"] = (() => Zipped(("W1.npy", Latin1("\u0093NUMPY\u0009\0\0\0"))), "version 9"),
        ["npz: not .npy inside"] = (() => Zipped(("W1.npy", Latin1("hello, world"))), "does not begin as a .npy file"),
        ["npz: a length of 30 digits"] =
            (() => Zipped(("W1.npy", Npy($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({new string('9', 30)},)}}"))), "has the length '999"),
        ["npz: a header of 4 GB"] = (() => Zipped(("W1.npy", Latin1("\u0093NUMPY\u0002\0\u00ff\u00ff\u00ff\u00ff"))), "a header of 4294967295 bytes"),

        ["torch: before 1.6, five pickles of as many objects as allowed"] =
            (() => Latin1(string.Concat(Enumerable.Repeat(
                "\u0080\u0002\u008a\u000al\u00fc\u009cF\u00f9 j\u00a8P\u00190}"
                + string.Concat(Enumerable.Repeat("NNs", 33_000)) + ".", 5))), "no list of its storages"),
        ["torch: no such storage"] = (() => Zipped(("a/data.pkl", Latin1(Tensor("K\0", "K\u0001\u0085", "K\u0001\u0085")))), "no storage '0'"),
        ["torch: a view beyond its storage"] = (() => State(Tensor("K\u0003", "K\u0002\u0085", "K\u0001\u0085")), "reaches outside"),
        ["torch: strides that overflow"] =
            (() => State(Tensor("K\0", "J\u00ff\u00ff\u00ff\u007f\u0085", "J\u00ff\u00ff\u00ff\u007f\u0085")), "reaches outside"),
        ["torch: a negative stride"] = (() => State(Tensor("K\0", "K\u0002\u0085", "J\u00ff\u00ff\u00ff\u00ff\u0085")), "reaches outside"),
        ["torch: one number repeated 2^31 - 1 times"] =
            (() => State(Tensor("K\0", "J\u00ff\u00ff\u00ff\u007f\u0085", "K\0\u0085")), "would unfold to 2147483647 numbers"),
        ["torch: a negative offset"] = (() => State(Tensor("J\u00ff\u00ff\u00ff\u00ff", "K\u0001\u0085", "K\u0001\u0085")), "the offset -1"),
        ["torch: a storage without a type"] = (() => State("\u0080\u0002}U\u0001wU\u0001xQs."), "a persistent id that is not a storage"),
        ["torch: a storage of 30,000 parts named 10,000 times"] = (() => State(Latin1Text(Repeating(
            "(U\u0007storagectorch\nFloatStorage\nU\u00010U\u0003cpuK\u0002" + Ones + "t", "", "h\u0001Q0"))), "a persistent id that is not a storage"),
        ["torch: complex numbers"] =
            (() => State(Tensor("K\0", "K\u0001\u0085", "K\u0001\u0085").Replace("FloatStorage", "ComplexFloatStorage")), "complex numbers; save"),
        ["torch: a sparse tensor"] = (() => State("\u0080\u0002}U\u0001wctorch._utils\n_rebuild_sparse_csr_tensor\n."), "a sparse tensor; save its to_dense()"),
        ["torch: a quantised tensor"] = (() => State("\u0080\u0002}U\u0001wctorch._utils\n_rebuild_qtensor\n."), "a quantised tensor; save its dequantize()"),
        ["torch: a whole module"] = (() => State("\u0080\u0002ctorch.nn.modules.container\nSequential\n)\u0081."), "a whole module; save its state_dict()"),
        ["torch: a class of its own"] = (() => State("\u0080\u0002}U\u0001wctorch._tensor\n_rebuild_from_type_v2\n."), "more than a plain tensor; save"),
        ["torch: TorchScript"] = (() => State("\u0080\u0002c__torch__\nNet\n)\u0081."), "'__torch__.Net'"),

        ["safetensors: overlapping tensors"] =
            (() => Safe("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4),
            "wanted is a start at 4"),
        ["safetensors: a gap"] = (() => Safe("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8), "wanted is a start at 0"),
        ["safetensors: bytes left over"] = (() => Safe("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8), "take 4 bytes and 8 are there"),
        ["safetensors: an end before the begin"] = (() => Safe("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,-4]}}""", 0), "wanted is a start"),
        ["safetensors: an end beyond the file"] = (() => Safe("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}""", 4), "of 4"),
        ["safetensors: a shape that does not fit"] = (() => Safe("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}""", 4), "wants 12 bytes, got 4"),
        ["safetensors: a shape that overflows"] =
            (() => Safe("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", 4), "a has 2 axes"),
        ["safetensors: a number beyond 64 bits"] =
            (() => Safe("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4), "not sound"),
        ["safetensors: an unknown type"] =
            (() => Safe("""{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1), "a has elements of type 'F8_E4M3'"),
        ["safetensors: a name twice"] =
            (() => Safe("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0), "not sound"),
        ["safetensors: no type"] = (() => Safe("""{"a":{"shape":[0],"data_offsets":[0,0]}}""", 0), "a has no dtype"),
        ["safetensors: half a character"] = (() => Safe("""{"\ud800":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0), "not sound"),
        ["safetensors: deep"] = (() => Safe(string.Concat(Enumerable.Repeat("""{"a":""", 10_000)), 0), "not sound"),
        ["safetensors: a list"] = (() => Safe("""{"a":[1]}""", 0), "not sound"),
        ["safetensors: a header of two megabytes"] = (() => Safe("{\"a\":[" + string.Concat(Enumerable.Repeat("0,", 990_000)) + "0]}", 0), "not sound"),
        ["safetensors: a longer header"] = (() => Safe("{" + new string(' ', 2_000_000) + "}", 0), "for which 2000000 are enough"),
        ["safetensors: no JSON"] = (() => Safe("{{{{", 0), "not sound"),
        ["safetensors: a header beyond the file"] = (() => [0xff, 0xff, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}'], "65535 bytes are wanted"),
    }.ToImmutableDictionary();

    static string Refused(byte[] bytes) => Assert.Throws<TorchletException>(() => LayerNames.Resolve(WeightsExamples.Read(bytes))).Message;

    static void AssertOneLine(string message)
    {
        Assert.InRange(message.Length, 10, 500);
        Assert.DoesNotContain(message, char.IsControl);
    }

    static string Ones => string.Concat(Enumerable.Repeat("K\u0001", 30_000));

    /// <summary>A value in memo entry 1, something else, then opcodes over and over.</summary>
    static byte[] Repeating(string value, string then, string again) =>
        Latin1("\u0080\u0002" + value + "q\u0001" + then + string.Concat(Enumerable.Repeat(again, 10_000)) + ".");

    static string Latin1Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A dict of one pickled array, protocol 2.</summary>
    static byte[] Array(string dtype, string shape, string data, bool mark = false, string name = "W1") =>
        Latin1("\u0080\u0002}" + Named(dtype, shape, data, mark, name) + ".");

    static string Named(string dtype, string shape, string data, bool mark, string name) =>
        $"U{(char)name.Length}{name}cnumpy.core.multiarray\n_reconstruct\n)R(K\u0001{(mark ? "(" : "")}{shape}"
            + $"cnumpy\ndtype\nU{(char)dtype.Length}{dtype}\u0085R(K\u0003U\u0001<tb\u0089{data}tbs";

    static byte[] Repeated()
    {
        var million = Named("i1", "J\u0040\u0042\u000f\0\u0085", "T\u0040\u0042\u000f\0" + new string('a', 1_000_000) + "q\0", false, "W1");
        var again = Enumerable.Range(2, 999).Select(i => Named("i1", "J\u0040\u0042\u000f\0\u0085", "h\0", false, $"W{i}"));
        return Latin1("\u0080\u0002}" + million + string.Concat(again) + ".");
    }

    /// <summary>A dict of an array and many numbers, which many names of the outer dict share: reading must not go through it for each.</summary>
    static byte[] Shared10000Times()
    {
        var inner = "}q\u0001" + Named("f4", "K\u0001\u0085", "U\u0004abcd", false, "W1")
            + string.Concat(Enumerable.Range(10_000, 20_000).Select(i => $"U\u0005{i:00000}Ns"));
        return Latin1("\u0080\u0002}U\u0001a" + inner + "s" + string.Concat(Enumerable.Range(10_000, 10_000).Select(i => $"U\u0005{i:00000}h\u0001s")) + ".");
    }

    static byte[] Zipped(params (string Name, byte[] Data)[] entries) => Zipped(CompressionLevel.Optimal, entries);

    static byte[] Zipped(CompressionLevel level, params (string Name, byte[] Data)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create))
            foreach (var (name, data) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(data);
            }
        return file.ToArray();
    }

    static byte[] Npy(string header) => [.. Latin1("\u0093NUMPY\u0001\0"), (byte)header.Length, 0, .. Latin1(header)];

    /// <summary>A state dict of one tensor over storage 0 of two floats.</summary>
    static byte[] State(string pickle) => Zipped(("a/data.pkl", Latin1(pickle)), ("a/data/0", new byte[8]));

    static string Tensor(string offset, string size, string stride) =>
        $"\u0080\u0002}}U\u0001wctorch._utils\n_rebuild_tensor_v2\n"
            + $"((U\u0007storagectorch\nFloatStorage\nU\u00010U\u0003cpuK\u0002tQ{offset}{size}{stride}\u0089NtRs.";

    static byte[] Safe(string header, int data) => [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[data]];

    static byte[] Patched(byte[] bytes, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        to.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(from)));
        return bytes;
    }

    /// <summary>A good archive with 16-bit fields of its first directory entry changed.</summary>
    static byte[] PatchedDirectory(CompressionLevel level, params (int At, ushort Value)[] fields)
    {
        var zip = Zipped(level, ("W1.npy", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}")));
        foreach (var (at, value) in fields)
            BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.AsSpan().IndexOf("PK\u0001\u0002"u8) + at), value);
        return zip;
    }

    static byte[] PatchedDirectory(int at, ushort value) => PatchedDirectory(CompressionLevel.Optimal, (at, value));

    static byte[] PatchedEnd(int at, uint value)
    {
        var zip = Zipped(("W1.npy", [1]));
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(zip.AsSpan().IndexOf("PK\u0005\u0006"u8) + at), value);
        return zip;
    }

    /// <summary>Two deflated entries whose declared unpacked sizes, 1 and 2^63 - 1, overflow a long.</summary>
    internal static byte[] SizesThatWrap() => WithZip64(UnpackedSize, long.MaxValue);

    /// <summary>Two deflated entries, and a 64-bit value for a 32-bit field of the second one in the directory.</summary>
    static byte[] WithZip64(int field, ulong value)
    {
        var zip = Zipped(("W1.npy", [1]), ("W2.npy", [1]));
        var (last, end) = (zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8), zip.AsSpan().IndexOf("PK\u0005\u0006"u8));
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(last + field), uint.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(last + 30), 12);
        return [.. zip[..end], 1, 0, 8, 0, .. BitConverter.GetBytes(value), .. zip[end..]];
    }

    // Places of an entry's fields in the directory.
    const int PackedSize = 20, UnpackedSize = 24, Offset = 42;

    /// <summary>Two stored entries, of which the first one's length in the directory reaches over the second one's header.</summary>
    static byte[] Overlapping()
    {
        var zip = Zipped(CompressionLevel.NoCompression, ("W1.npy", [1]), ("W2.npy", [1]));
        var first = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(first + 20), 20);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(first + 24), 20);
        return zip;
    }
}
