namespace Midflight;

/// <summary>Marks a type as the shape that another type had in earlier versions of the application.</summary>
/// <remarks>
/// <para>
/// Nest it in the type whose earlier shape it is, and say with <see cref="ConvertAttribute"/> how one becomes the other.
/// A value of the old version takes the shape that has its members. If several shapes have them, the version decides.
/// </para>
/// <code>
/// public sealed record Session(string User, ImmutableList&lt;string&gt; Rooms)
/// {
///     [Shape("0.1")] public sealed record V1(string User, string Room);
///     [Convert] static Session From(V1 old) => new(old.User, [old.Room]);
///     [Convert] static V1 Back(Session now) => new(now.User, now.Rooms[0]);
/// }
/// </code>
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum, Inherited = false)]
public sealed class ShapeAttribute : Attribute
{
    /// <param name="version">The application's version with this shape; <c>0.1</c> stands for every 0.1.x.</param>
    /// <exception cref="ArgumentException"><paramref name="version"/> is empty.</exception>
    public ShapeAttribute(string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        Version = version;
    }

    /// <summary>The application's version with this shape.</summary>
    public string Version { get; }

    /// <summary>
    /// The full name that the type had then, such as <c>Octochat.Connection</c>. Default: the name of the enclosing type.
    /// </summary>
    public string? Name { get; init; }
}
