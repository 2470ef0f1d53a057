using System.Net;

namespace Torchlet.Tests;

/// <summary>A data folder that cannot be written to. No user, not even root, can write below a file.</summary>
public sealed class ReadOnlyDataTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Synthetic_digits_are_drawn_into_memory_and_are_the_same_data()
    {
        var warnings = new List<string>();
        var data = Datasets.Load("auto", Places(HttpStatusCode.OK) with { Warn = warnings.Add });

        Assert.Equal((Datasets.SyntheticName, 60_000, 10_000), (data.Name, data.Train.Count, data.Test.Count));
        Assert.Equal(2, warnings.Count);
        Assert.All(warnings, warning => Assert.Contains("cannot be written to", warning));
        var last = SyntheticDigits.Draw(SyntheticDigits.Seed, 69_999);
        Assert.Equal(last.Pixels, data.Test.Inputs[9_999].bytes.ToArray());
        Assert.Equal(last.Label, data.Test.Targets[9_999].item<long>());
        Assert.Equal([1, 28, 28], data.Train.InputShape);
        // Those of the files that a writable folder would get, so that a run can be resumed there.
        Assert.Equal(IdxFolder.Names.Order(StringComparer.Ordinal), data.Checksums.Keys);
        Assert.Equal(Idx.Sha256(data.Test.Inputs.bytes, 10_000, 28, 28), data.Checksums[IdxFolder.Names[2]]);
        Assert.Equal(Idx.Sha256([.. data.Train.Targets.data<long>().Select(label => (byte)label)], 60_000), data.Checksums[IdxFolder.Names[1]]);
    }

    [Fact]
    public void Mnist_that_cannot_be_stored_is_an_error_that_names_the_folder()
    {
        var places = Places(HttpStatusCode.OK);
        var error = Assert.Throws<TorchletException>(() => Datasets.Load("mnist", places));
        var raw = Path.Combine(places.Data, "MNIST", "raw");
        Assert.StartsWith($"--data mnist: MNIST is not here and cannot be downloaded ({raw} cannot be written to", error.Message);
        Assert.Contains("or into a folder that TORCHLET_DATA names", error.Message);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK, "cannot be written to (no such folder), so scripts draw synthetic digits into memory (scripts run without)")]
    [InlineData(false, HttpStatusCode.OK, "no MNIST on this machine: the first run downloads it from ossci-datasets.s3.amazonaws.com")]
    [InlineData(false, HttpStatusCode.ServiceUnavailable, "no MNIST on this machine: no mirror answers, so scripts use synthetic digits")]
    public void The_doctor_says_what_a_script_will_do(bool isReadOnly, HttpStatusCode answer, string finding)
    {
        var places = Places(answer);
        var output = new StringWriter();
        Doctor.Run(new() { Data = isReadOnly ? places : places with { Data = folder.Path }, Outputs = folder.Path, Ask = (_, _) => "1" }, output);
        Assert.Contains(finding, Assert.Single(output.ToString().Split('\n'), line => line.StartsWith("!! data ")));
    }

    DataPlaces Places(HttpStatusCode answer)
    {
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        return new() { Named = null, Data = Path.Combine(file, "data"), Client = () => new(new Mirror(answer)), Warn = _ => { } };
    }

    sealed class Mirror(HttpStatusCode answer) : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken stop) => new(answer);
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop) => Task.FromResult(Send(request, stop));
    }
}
