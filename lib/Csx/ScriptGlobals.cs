using Microsoft.CodeAnalysis.CSharp.Scripting.Hosting;

namespace Csx;

/// <summary>Names that a script can use without an import, as under dotnet-script.</summary>
public sealed class ScriptGlobals(IEnumerable<string> args)
{
    /// <summary>The script's arguments.</summary>
    public IList<string> Args { get; } = [.. args];

    /// <summary>Prints a value as the interactive console shows it.</summary>
    public void Print(object? value) => Console.WriteLine(CSharpObjectFormatter.Instance.FormatObject(value));
}
