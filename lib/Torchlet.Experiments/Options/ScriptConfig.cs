using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options that every script has. A property is an option of the same name in kebab-case, unless Display names another.</summary>
public abstract record ScriptConfig
{
    /// <summary>Folder to write exactly there; null for outputs/(script)/(time).</summary>
    [NotReplayed, NotEmpty, Display(Prompt = "folder", Description = "write exactly there (default: outputs/<script>/<time>)")]
    public string? Out { get; init; }

    /// <summary>Plain lines in place of a live display.</summary>
    [NotReplayed, Display(Description = "plain lines, no live display")]
    public bool Plain { get; init; }
}
