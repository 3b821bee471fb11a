public static class Greeter
{
    public static void Start() => Register("greeter", Spawn(Loop));

    public static async ProcessTask<Next> Loop()
    {
        var (_, name) = await Receive<(string Greet, string Name)>();
        Console.WriteLine($"Howdy, {name}! Welcome to Midflight!");
        return Next.Current(Loop); // fully qualified, for hot reloading
    }
}
