using System.Diagnostics;
using static Torchlet.Tests.WeightsExamples;

namespace Torchlet.Tests;

/// <summary>The system's Python, where it has torch, as the other side of each format.</summary>
[Collection(Lane.MoreScripts)]
public class WeightsInteropTests
{
    const string Python = "/usr/bin/python3";

    [Fact]
    public void Every_way_in_which_Python_saves_a_network_is_read_as_the_same_network()
    {
        SkipWithout("torch");
        using var folder = new TemporaryFolder();
        Run(Path.Combine(Folder, "make_weights.py"), folder.Path);
        var files = Directory.GetFiles(folder.Path);
        Assert.True(files.Length >= 80, $"Python wrote only {files.Length} files");
        Assert.All(files, file => AssertSame(Small, Weights.Load(file)));
    }

    [Fact]
    public void Torch_reads_a_written_state_dict_without_running_anything()
    {
        SkipWithout("torch");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.pt");
        Weights.SaveTorch(path, Small);
        var printed = Run("-c", """
            import sys, torch
            state = torch.load(sys.argv[1], weights_only=True)
            print(type(state).__name__, [(k, tuple(v.shape), str(v.dtype)) for k, v in state.items()],
                torch.cat([v.reshape(-1) for v in state.values()]).tolist())
            model = torch.nn.Module()
            model.fc1, model.fc2 = torch.nn.Linear(4, 3), torch.nn.Linear(3, 2)
            print(model.load_state_dict(state))
            """, path);
        Assert.Equal(
            "OrderedDict [('fc1.weight', (3, 4), 'torch.float32'), ('fc1.bias', (3,), 'torch.float32'), "
            + "('fc2.weight', (2, 3), 'torch.float32'), ('fc2.bias', (2,), 'torch.float32')] "
            + "[" + string.Join(", ", Small.Flat.ToArray().Select(v => $"{v:0.0}")) + "]\n<All keys matched successfully>\n", printed);
    }

    [Fact]
    public void Pythons_zipfile_finds_a_written_state_dict_sound()
    {
        SkipWithout("zipfile");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.pt");
        Weights.SaveTorch(path, Small);
        Assert.Equal("None\n", Run("-c", "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())", path));
    }

    [Theory, InlineData("safetensors.numpy"), InlineData("json")]
    public void Python_reads_written_safetensors(string module)
    {
        SkipWithout(module);
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "best.safetensors");
        Weights.SaveSafetensors(path, Small, new Dictionary<string, string> { ["seed"] = "7" });
        var printed = Run("-c", module == "json" ? ReadByTheSpecification : ReadBySafetensors, path);
        Assert.Equal("{'seed': '7'} ['fc1.bias', 'fc1.weight', 'fc2.bias', 'fc2.weight'] [3, 4] [2.0, 3.0, 4.0]\n", printed);
    }

    const string ReadBySafetensors = """
        import sys, safetensors
        with safetensors.safe_open(sys.argv[1], "numpy") as f:
            print(f.metadata(), sorted(f.keys()), list(f.get_tensor("fc1.weight").shape), f.get_tensor("fc1.bias").tolist())
        """;

    /// <summary>For where the safetensors module is not packaged: its format in six lines.</summary>
    const string ReadByTheSpecification = """
        import json, struct, sys
        data = open(sys.argv[1], "rb").read()
        size, = struct.unpack("<Q", data[:8])
        assert size % 8 == 0
        header = json.loads(data[8:8 + size])
        begin, end = header["fc1.bias"]["data_offsets"]
        assert header["fc1.bias"]["dtype"] == "F32" and max(e["data_offsets"][1] for k, e in header.items() if k != "__metadata__") == len(data) - 8 - size
        print(header.pop("__metadata__"), sorted(header), header["fc1.weight"]["shape"], list(struct.unpack("<3f", data[8 + size + begin:8 + size + end])))
        """;

    static void SkipWithout(string module)
    {
        Assert.SkipUnless(File.Exists(Python), $"there is no {Python}");
        using var process = Start("-c", $"import {module}");
        process.WaitForExit();
        Assert.SkipUnless(process.ExitCode == 0, $"{Python} has no module {module}");
    }

    static string Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return printed;
    }

    static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
