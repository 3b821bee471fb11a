namespace Midflight.Shell.Tests;

public sealed class SessionTests
{
    [Theory]
    [InlineData("1 + 2", "3")]
    [InlineData("var x = 1;", "")]
    [InlineData("\"a\\nb\"", "\"a\\nb\"")]
    [InlineData("new[] { 1, 2 }", "[1, 2]")]
    [InlineData("await Task.FromResult(7)", "7")]
    [InlineData("Task.FromResult(7)", "7")]
    [InlineData("new ValueTask<string>(\"a\")", "\"a\"")]
    [InlineData("Task.CompletedTask", "")]
    [InlineData("null", "null")]
    [InlineData("(string)null", "null")]
    [InlineData("self() == Self", "true")]
    [InlineData("return 5;", "5")]
    [InlineData("if (true) { }", "")]
    [InlineData("new { A = 1, B = \"b\" }", "{ A = 1, B = \"b\" }")]
    [InlineData("record P(int X, string Y); new P(1, \"y\")", "P { X = 1, Y = \"y\" }")]
    public async Task Prints_the_value_of_what_is_typed(string text, string value)
    {
        await using var shell = await TestShell.Open();

        Assert.Equal(value, await shell.Enter(text));
    }

    [Fact]
    public async Task Variables_functions_and_types_live_from_one_submission_to_the_next()
    {
        await using var shell = await TestShell.Open();
        await shell.Enter("var x = 20;");
        await shell.Enter("int Twice(int n) => 2 * n;");
        await shell.Enter("record Point(int X, int Y);");
        await shell.Enter("var (a, b) = (1, 2);");

        Assert.Equal("Point { X = 40, Y = 3 }", await shell.Enter("new Point(Twice(x), a + b)"));
        await shell.Enter("x++;");
        Assert.Equal("21", await shell.Enter("x"));
    }

    [Fact]
    public async Task Says_what_the_compiler_says_and_goes_on()
    {
        await using var shell = await TestShell.Open();
        var refused = await shell.Show("var y = nothing;");

        Assert.True(refused.IsError);
        Assert.Equal("(1,9): error CS0103: The name 'nothing' does not exist in the current context", refused.Text);
        Assert.Equal("2", await shell.Enter("1 + 1"));
    }

    [Fact]
    public async Task Shows_an_exception_and_goes_on()
    {
        await using var shell = await TestShell.Open();
        await shell.Enter("var before = self();");
        var thrown = await shell.Show("throw new InvalidOperationException(\"no\")");

        Assert.True(thrown.IsError);
        Assert.Equal("InvalidOperationException: no", thrown.Text);
        Assert.Equal("true", await shell.Enter("before == self()"));
    }

    [Fact]
    public async Task Has_a_mailbox_of_its_own()
    {
        await using var shell = await TestShell.Open();
        await shell.Enter("Send(Self, 1);");
        await shell.Enter("Send(Self, \"two\");");

        Assert.Equal("\"two\"", await shell.Enter("Receive<string>()"));
        Assert.Equal("[1]", await shell.Enter("flush()"));
        Assert.Equal("[]", await shell.Enter("flush()"));
    }

    [Fact]
    public async Task Goes_on_in_a_new_process_when_its_own_ends_and_keeps_its_variables()
    {
        await using var shell = await TestShell.Open();
        await shell.Enter("var x = 1;");
        await shell.Enter("var before = self();");
        var ended = await shell.Show("Exit(Self, ExitReason.Kill); await Receive();");

        Assert.True(ended.IsError);
        Assert.Matches(@"^process <\d+> ended; the shell continues in a new one$", ended.Text);
        Assert.Equal("(1, false)", await shell.Enter("(x, before == self())"));
    }

    [Fact]
    public async Task Lists_processes()
    {
        await using var shell = await TestShell.Open();
        await shell.Enter("Register(\"me\", Self);");

        Assert.Matches(@"pid +name +module +version +queue +reductions +memory +activity +function\n<1> +me +Midflight.Host.Evaluation.ShellProcess +0 +\d+ +running +.*\n1 processes", await shell.Enter("ps()"));
    }

    [Theory]
    [InlineData("1 + 1", true)]
    [InlineData("int F(int x) {", false)]
    [InlineData("var x = 1", true)]
    [InlineData("var x =", false)]
    [InlineData("record P(", false)]
    [InlineData("var y = nothing;", true)]
    public void Knows_when_a_line_is_only_a_beginning(string text, bool complete) => Assert.Equal(complete, SubmissionCompiler.IsComplete(text));
}
