using Midflight;

namespace Bank;

public sealed class BankApplication : Application
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<BankSupervisor>();
}

public sealed class BankSupervisor : Supervisor
{
    private const int Tellers = 4;

    protected override SupervisorSpec Init(object? argument) => new(
        Strategy.OneForOne,
        [
            Child.Of<Vault>() with { Name = "vault" },
            .. Enumerable.Range(0, Tellers).Select(number => Child.Of<Teller>() with { Id = $"teller {number}", Name = $"teller {number}" }),
            Child.Of<Sessions>() with { Name = "sessions" },
            Child.Of<Acceptor>(),
        ]);

    /// <summary>The teller for a number.</summary>
    public static string TellerOf(int number) => $"teller {number % Tellers}";
}

public sealed class Sessions : DynamicSupervisor;
