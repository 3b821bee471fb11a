namespace MidflightWeb;

/// <summary>Somebody comes.</summary>
public sealed record Visit(string Who);
