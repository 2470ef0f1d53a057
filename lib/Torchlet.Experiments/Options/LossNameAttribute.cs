using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of a loss, or several.</summary>
public sealed class LossNameAttribute() : AllowedValuesAttribute([.. LossVariant.All.Select(v => v.Name)]);
