namespace Torchlet;

/// <summary>Random numbers for pictures: small, fast, and seeded by any two numbers, however alike. Not PyTorch's.</summary>
/// <remarks>Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014 (SplitMix64).</remarks>
struct SplitMix(ulong seed, ulong stream)
{
    ulong state = Mix(Mix(seed) + stream);

    /// <summary>A number uniform in [0, 1).</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>A number uniform in [low, high).</summary>
    public float Uniform(float low, float high) => low + (high - low) * Uniform();

    /// <summary>An integer uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    /// <summary>A normal number of mean 0: the sum of four uniform ones, so that none lies beyond 3.5 deviations.</summary>
    public float Normal(float deviation) => deviation * 1.7320508f * (Uniform() + Uniform() + Uniform() + Uniform() - 2);

    ulong Next() => Mix(state += 0x9e3779b97f4a7c15);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
