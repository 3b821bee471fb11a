using System.Collections.Immutable;
using Midflight;

namespace Bank;

/// <summary>Money in accounts. It moves, and never becomes more or less.</summary>
public sealed class Vault : GenServer<ImmutableArray<Account>>
{
    public static ValueTask<long> Move(int from, int to) => Call<long>("vault", new Moved(from, to));

    public static ValueTask<long> Total() => Call<long>("vault", new Totalled());

    private sealed record Moved(int From, int To);

    private sealed record Totalled;

    protected override Started<ImmutableArray<Account>> Init(object? argument) =>
        ImmutableArray.CreateRange(Enumerable.Range(0, 100).Select(number => new Account(number, 1000)));

    protected override Answer<ImmutableArray<Account>> HandleCall(object request, ImmutableArray<Account> accounts) => request switch
    {
        Moved(var from, var to) => Reply(1L, Add(Add(accounts, from, -1), to, 1)),
        Totalled => Reply(accounts.Sum(account => account.Amount), accounts),
        _ => base.HandleCall(request, accounts),
    };

    private static ImmutableArray<Account> Add(ImmutableArray<Account> accounts, int number, long amount)
    {
        var at = number % accounts.Length;
        return accounts.SetItem(at, accounts[at] with { Amount = accounts[at].Amount + amount });
    }
}

public sealed record Account(int Number, long Amount);
