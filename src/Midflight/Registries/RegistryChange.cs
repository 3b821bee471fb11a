namespace Midflight;

/// <summary>Tells a listener of a registry that an entry was added or removed.</summary>
/// <param name="Registry">The registry's name.</param>
/// <param name="Key">The key.</param>
/// <param name="Pid">The process under it.</param>
/// <param name="Value">The value beside it; null for a removed entry.</param>
/// <param name="Registered">Whether it was added; otherwise it was unregistered, or its process has ended.</param>
public sealed record RegistryChange(string Registry, object Key, Pid Pid, object? Value, bool Registered);
