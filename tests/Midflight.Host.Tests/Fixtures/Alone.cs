namespace Midflight.Host.Tests;

/// <summary>For tests which measure the memory of the process: no other test runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
