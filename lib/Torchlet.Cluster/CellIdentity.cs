using System.Security.Cryptography;
using System.Text;

namespace Torchlet;

/// <summary>Tells cells apart by all that their numbers depend on: the script, the library, the data and the resolved options.</summary>
/// <param name="script">The script's path.</param>
sealed class CellIdentity(string script)
{
    // What a build makes of the same sources is the same to the byte, and has the same identifier.
    static readonly string Library = typeof(CellIdentity).Module.ModuleVersionId.ToString("n");

    readonly string text = File.Exists(script) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(script))) : "";
    readonly Dictionary<string, string> checksums = [];

    /// <summary>The hash of a run's options, data, library and script: 16 hexadecimal digits.</summary>
    /// <exception cref="TorchletException">The data are not there.</exception>
    public string Of(ScriptConfig config, CancellationToken stop)
    {
        string[] apart = [.. CommandLine.NotReplayed(config), .. config is RunConfig ? new[] { OptionRule.Kebab(nameof(RunConfig.Data)) } : []];
        var options = CommandLine.Options(config).Where(o => !apart.Contains(o.Name)).Select(o => $"{o.Name}={o.Value}\n");
        var data = config is RunConfig run ? Data(run.Data, stop) : "";
        var facts = $"library={Library}\nscript={Path.GetFileName(script)} {text}\n{data}{string.Concat(options)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts)))[..16];
    }

    /// <summary>The checksums of the set that --data names, whatever it is called and wherever it lies.</summary>
    string Data(string named, CancellationToken stop)
    {
        if (checksums.TryGetValue(named, out var known)) return known;
        return checksums[named] = string.Concat(Datasets.Checksums(named, new() { Stop = stop }).Select(file => $"{file.Key}={file.Value}\n"));
    }
}
