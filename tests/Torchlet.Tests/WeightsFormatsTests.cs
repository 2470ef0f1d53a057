using System.Collections.Immutable;
using CsCheck;
using static Torchlet.Tests.WeightsExamples;

namespace Torchlet.Tests;

public class WeightsFormatsTests
{
    public static TheoryData<string> FixtureFiles => [.. Files];

    [Theory, MemberData(nameof(FixtureFiles))]
    public void A_file_that_Python_wrote_gives_the_same_network_whatever_its_format(string file) => AssertSame(Small, Weights.Load(Path.Combine(Folder, file)));

    [Theory, MemberData(nameof(FixtureFiles))]
    public void A_files_name_does_not_matter(string file)
    {
        using var folder = new TemporaryFolder();
        var renamed = Path.Combine(folder.Path, "weights.txt");
        File.Copy(Path.Combine(Folder, file), renamed);
        AssertSame(Small, Weights.Load(renamed));
    }

    [Fact]
    public void Saving_and_loading_gives_the_same_network_in_both_formats() =>
        Gen.Select(Gen.Int[1, 12].Array[2, 6], Gen.Float[-100, 100], Gen.Int[0, 1000]).Sample((sizes, first, step) =>
        {
            var count = sizes.Zip(sizes.Skip(1), (nIn, nOut) => (nIn + 1) * nOut).Sum();
            var weights = new MlpWeights([.. sizes], Enumerable.Range(0, count).Select(i => first / (1 + i * step)).ToArray());
            AssertSame(weights, LayerNames.Resolve(WeightsExamples.Read(TorchState.Write(WeightsExamples.Arrays(weights)))));
            AssertSame(weights, LayerNames.Resolve(WeightsExamples.Read(Safetensors.Write(WeightsExamples.Arrays(weights), Metadata))));
        }, iter: 500, seed: "0000Tqm3xKe1");

    [Fact]
    public void Metadata_comes_back_from_safetensors()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "best.safetensors");
        Weights.SaveSafetensors(path, Small, Metadata);
        Assert.Equal(Metadata, Weights.Read(path).Metadata);
        AssertSame(Small, Weights.Load(path));
    }

    [Fact]
    public void Writing_replaces_a_file_and_leaves_nothing_else_behind()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.pt");
        File.WriteAllText(path, "older");
        Weights.SaveTorch(path, Small);
        AssertSame(Small, Weights.Load(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Every_record_of_a_written_state_dict_begins_at_a_multiple_of_64_bytes()
    {
        var bytes = TorchState.Write(WeightsExamples.Arrays(Small));
        foreach (var array in WeightsExamples.Arrays(Small))
            Assert.Equal(0, bytes.AsSpan().IndexOf(array.LittleEndian()) % 64);
    }

    [Fact]
    public void Python_2s_strings_are_read_as_bytes() =>
        AssertSame(new([1, 1], new float[] { 1, 2 }), LayerNames.Resolve(NumpyPickle.Read(Latin1(
            "(dp0\nS'W1'\n" + Python2Array("(I1\nI1\nt", @"\x00\x00\x80?") + "sS'b1'\n" + Python2Array("(I1\nt", @"\x00\x00\x00@") + "s."))));

    static string Python2Array(string shape, string data) =>
        "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n"
            + shape + "cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'" + data + "'\ntb";

    static ImmutableDictionary<string, string> Metadata { get; } =
        new Dictionary<string, string> { ["sizes"] = "4,3,2", ["data"] = "MNIST \"raw\" größer\n" }.ToImmutableDictionary();
}
