using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>The option is the name of a schedule of the learning rate.</summary>
public sealed class ScheduleNameAttribute() : AllowedValuesAttribute([.. Schedules.All.Select(s => s.Name)]);
