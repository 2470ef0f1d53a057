using System.Runtime.CompilerServices;

// libtorch already uses every core, so tests within this process take turns. Those that start processes wait for them most of the time: they go
// at the same time as the others in two lanes, and what measures the process as a whole runs alone at the end.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 3)]

namespace Torchlet.Tests;

static class TestAssembly
{
#pragma warning disable CA2255 // The natives must be there before the first test touches TorchSharp.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize()
    {
        // A script prints the same text on a terminal.
        Environment.SetEnvironmentVariable("NO_COLOR", "1");
        Environment.SetEnvironmentVariable("TERM", "dumb");
        // Inherited by the scripts that tests start: the runs of a test are not the user's.
        var outputs = TemporaryFolder.OfProcess();
        Environment.SetEnvironmentVariable(ProjectFolders.OutputsVariable, outputs.Path);
        Script.Begin(); // Tests run scripts in this process, with the memory settings of scripts.
    }
}
