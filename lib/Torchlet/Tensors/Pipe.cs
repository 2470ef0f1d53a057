namespace Torchlet;

/// <summary>F#'s pipes: <c>x | f</c> applies, <c>f >> g</c> composes, <c>Tap</c> looks without touching.</summary>
/// <remarks>
/// The data argument of a function comes last, so that a function with its other arguments given is a stage:
/// <c>image | model.Logits | Softmax</c>. <c>|</c> binds looser than <c>+</c> and <c>==</c>.
/// </remarks>
public static class Pipe
{
    extension<A, B>(A)
    {
        /// <summary>f(x): F#'s <c>x |> f</c>.</summary>
        public static B operator |(A x, Func<A, B> f) => f(x);
    }

    extension<A, B, C>(Func<A, B>)
    {
        /// <summary>x ↦ g(f(x)): F#'s <c>f >> g</c>.</summary>
        public static Func<A, C> operator >>(Func<A, B> f, Func<B, C> g) => x => g(f(x));
    }

    /// <summary>The same sequence; <paramref name="look"/> sees each element as it passes.</summary>
    public static Func<IEnumerable<T>, IEnumerable<T>> Tap<T>(Action<T> look) => xs => xs.Select(x => { look(x); return x; });
}
