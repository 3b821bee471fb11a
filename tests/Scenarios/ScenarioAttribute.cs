namespace Midflight.Scenarios;

/// <summary>
/// Says that a test is one of the scenarios which were observed on OTP 25. <c>titles.txt</c> beside this file lists them all. Where Midflight
/// means to differ, the test states both: what OTP does in a comment that begins with <c>OTP:</c>, what Midflight does in its assertions.
/// </summary>
/// <param name="number">The number of the scenario.</param>
/// <param name="title">Its title, word by word.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ScenarioAttribute(int number, string title) : Attribute
{
    public int Number { get; } = number;

    public string Title { get; } = title;
}
