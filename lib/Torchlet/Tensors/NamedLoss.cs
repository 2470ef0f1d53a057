using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A loss that is made with a number, with the text that makes it again, so that a record of what ran can say it.</summary>
sealed record NamedLoss(string Text, Loss Loss)
{
    Tensor Of(Tensor output, Tensor target) => Loss(output, target);

    /// <summary>The loss, under this text.</summary>
    public static Loss Make(string text, Loss loss) => new NamedLoss(text, loss).Of;

    /// <summary>How a loss is written: the name of a variant, or the text that it was made with; null of somebody's own.</summary>
    public static string? TextOf(Loss loss) => LossVariant.Of(loss)?.Name ?? (loss.Target as NamedLoss)?.Text;
}
