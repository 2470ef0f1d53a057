namespace Torchlet;

/// <summary>A mirror did not give a file; <paramref name="again"/> says whether asking it once more can help.</summary>
sealed class MirrorException(string reason, bool again = true) : Exception(reason)
{
    public bool Again => again;
}
