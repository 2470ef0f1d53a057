using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of an optimizer.</summary>
public sealed class OptimizerNameAttribute() : AllowedValuesAttribute([.. Optimizers.All.Select(o => o.Name)]);
