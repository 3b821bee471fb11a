using Midflight;

namespace Bank;

/// <summary>Books for sessions: awaits the vault, while they await it.</summary>
public sealed class Teller : GenServer<int>
{
    /// <summary>Books a line.</summary>
    public static ValueTask<int> Book(int number) => Call<int>(BankSupervisor.TellerOf(number), new Booking(number));

    private sealed record Booking(int Number);

    protected override Started<int> Init(object? argument) => 0;

    protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int booked)
    {
        if (request is not Booking(var number))
        {
            return await base.HandleCallAsync(request, booked);
        }

        await Vault.Move(number, number + 1);
        return Reply(booked + 1, booked + 1);
    }
}
