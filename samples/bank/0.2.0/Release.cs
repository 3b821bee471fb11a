namespace Bank;

internal static class Release
{
    public const int Number = 2;
}
