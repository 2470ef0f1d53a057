namespace Torchlet;

/// <summary>Options of a script whose run can go on where an earlier one ended.</summary>
public interface IResumable
{
    /// <summary>The earlier run: its folder, or latest; null for a new run.</summary>
    string? Resume { get; }
}
