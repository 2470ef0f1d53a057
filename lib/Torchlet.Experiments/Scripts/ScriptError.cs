using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Torchlet;

/// <summary>The message of an exception for the script's author. The script host compiles this file too, so it depends on nothing else.</summary>
static class ScriptError
{
    /// <summary>The environment variable that asks for whole stack traces, .NET's and libtorch's, by the value 1.</summary>
    public const string Trace = "TORCHLET_TRACE";

    /// <summary>Whether an error of libtorch is the exception or its cause.</summary>
    public static bool IsNative(Exception e) => Causes(e).Any(cause => cause.GetType() == typeof(ExternalException));

    /// <summary>One line: the message, the line of the script that led to it, and how to see more; the whole trace if <see cref="Trace"/> is 1.</summary>
    public static string Describe(Exception e)
    {
        if (IsTraced) return e.ToString();
        while (e is AggregateException { InnerExceptions: [var only] }) e = only;
        var name = e is ArgumentException || IsNative(e) ? "" : $"{e.GetType().Name}: ";
        var message = e.GetType() == typeof(ExternalException) ? e.Message.Split('\n')[0].TrimEnd() : e.Message;
        return $"{name}{message} [{Place(e) ?? "not in the script"}; {Trace}=1 shows the whole trace]";
    }

    /// <summary>Whether the person asked for whole traces.</summary>
    public static bool IsTraced => Environment.GetEnvironmentVariable(Trace) == "1";

    /// <summary>The innermost line of a script: scripts/own.csx:12.</summary>
    static string? Place(Exception e) =>
        Causes(e).Reverse().SelectMany(cause => new StackTrace(cause, fNeedFileInfo: true).GetFrames())
            .Where(frame => frame.GetFileName() is { } file && Path.GetExtension(file).Equals(".csx", StringComparison.OrdinalIgnoreCase))
            .Select(frame => $"{Shown(frame.GetFileName()!)}:{frame.GetFileLineNumber()}").FirstOrDefault();

    static string Shown(string file) =>
        Path.GetRelativePath(Environment.CurrentDirectory, file) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : file;

    static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException) yield return cause;
    }
}
