public static class Counter
{
    public static Pid Start() => Spawn(Loop, 0);

    // Version 2: counts by ten
    public static async ProcessTask<Next> Loop(int n)
    {
        if (await Receive(message => message is "increment" or ("get", Pid)) is not ("get", Pid from))
        {
            return Next.Local(Loop, n + 10); // LOCAL: stays in this version
        }

        Send(from, ("count", n));
        return Next.Current(Loop, n); // FULLY QUALIFIED: picks up new code!
    }
}
