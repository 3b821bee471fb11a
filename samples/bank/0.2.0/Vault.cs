using System.Collections.Immutable;
using Midflight;

namespace Bank;

/// <summary>Money in accounts, which know how often it moved. Messages have other names: whoever has one under way is waited for.</summary>
public sealed class Vault : GenServer<ImmutableArray<Account>>
{
    public static ValueTask<long> Move(int from, int to) => Call<long>("vault", new Transferred(from, to, 1));

    public static ValueTask<long> Total() => Call<long>("vault", new Summed());

    private sealed record Transferred(int From, int To, long Amount);

    private sealed record Summed;

    protected override Started<ImmutableArray<Account>> Init(object? argument) =>
        ImmutableArray.CreateRange(Enumerable.Range(0, 100).Select(number => new Account(number, 1000)));

    protected override Answer<ImmutableArray<Account>> HandleCall(object request, ImmutableArray<Account> accounts) => request switch
    {
        Transferred(var from, var to, var amount) => Reply(amount, Add(Add(accounts, from, -amount), to, amount)),
        Summed => Reply(accounts.Sum(account => account.Balance), accounts),
        _ => base.HandleCall(request, accounts),
    };

    private static ImmutableArray<Account> Add(ImmutableArray<Account> accounts, int number, long amount)
    {
        var at = number % accounts.Length;
        return accounts.SetItem(at, accounts[at] with { Balance = accounts[at].Balance + amount, Moves = accounts[at].Moves + 1 });
    }
}

[Renamed("Amount", "Balance")]
[Dropped("Moves")]
public sealed record Account(int Number, long Balance, int Moves = 0);
