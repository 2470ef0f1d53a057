namespace Torchlet;

/// <summary>The command line is wrong; the process ends with exit code 2.</summary>
public sealed class CommandLineException(string message) : TorchletException(message)
{
    /// <inheritdoc/>
    public override int ExitCode => 2;
}
