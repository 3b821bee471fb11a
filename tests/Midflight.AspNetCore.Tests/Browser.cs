using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace Midflight.AspNetCore.Tests;

/// <summary>A fact that needs Chromium, Debian's package <c>chromium</c>. Where it is not installed, the test is left out and says so.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.Program is null ? "There is no chromium here. On Debian: apt-get install chromium." : null;
}

/// <summary>Chromium, by its DevTools protocol: it comes with the browser, where a driver would be a package of 800 MB.</summary>
internal sealed class Browser : IAsyncDisposable
{
    internal static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine).FirstOrDefault(File.Exists);

    private readonly string _profile;
    private readonly System.Diagnostics.Process _chromium;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private int _last;
    private Task? _reading;

    private Browser(System.Diagnostics.Process chromium, string profile) => (_chromium, _profile) = (chromium, profile);

    /// <summary>What pages have reported as wrong: errors of scripts, and what the content security policy has refused.</summary>
    public ConcurrentQueue<string> Problems { get; } = [];

    public static async Task<Browser> Start()
    {
        var profile = Directory.CreateTempSubdirectory("midflight-browser-").FullName;
        var chromium = System.Diagnostics.Process.Start(new ProcessStartInfo(
            Program!, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
        {
            RedirectStandardError = true,
        })!;
        var browser = new Browser(chromium, profile);

        while (await chromium.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Split("DevTools listening on ") is [_, var address])
            {
                await browser._socket.ConnectAsync(new(address), default);
                browser._reading = browser.Read();

                // Else it waits for somebody to read what it says.
                _ = chromium.StandardError.ReadToEndAsync();
                return browser;
            }
        }

        await browser.DisposeAsync();
        throw new InvalidOperationException($"{Program} ended before it served its DevTools.");
    }

    /// <summary>Opens a page in a tab of its own.</summary>
    public async Task<Tab> Open(Uri address, int width = 1200)
    {
        var target = (await Ask("Target.createTarget", new { url = "about:blank" })).GetProperty("targetId").GetString();
        var session = (await Ask("Target.attachToTarget", new { targetId = target, flatten = true })).GetProperty("sessionId").GetString()!;

        foreach (var domain in new[] { "Page", "Runtime", "Log", "Accessibility" })
        {
            await Ask($"{domain}.enable", new { }, session);
        }

        await Ask("Emulation.setDeviceMetricsOverride", new { width, height = 900, deviceScaleFactor = 1, mobile = false }, session);
        await Ask("Page.navigate", new { url = address.ToString() }, session);
        var tab = new Tab(this, session, target!);
        await tab.Until("document.readyState == 'complete' && location.href != 'about:blank'");
        return tab;
    }

    internal async Task<JsonElement> Ask(string method, object parameters, string? session = null)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = session is null
            ? JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters })
            : JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters, sessionId = session });
        await _sending.WaitAsync();

        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, true, default);
        }
        finally
        {
            _sending.Release();
        }

        try
        {
            return await answer.Task.WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The browser has not answered {method} {JsonSerializer.Serialize(parameters)}; its reader is {_reading?.Status} {_reading?.Exception}");
        }
    }

    private async Task Read()
    {
        var buffer = new byte[1 << 16];

        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                ValueWebSocketReceiveResult part;

                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(), default);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);

                Take(JsonDocument.Parse(message.ToArray()).RootElement);
            }
        }
        // The browser has ended.
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException or JsonException)
        {
            foreach (var asked in _asked.Values)
            {
                asked.TrySetException(exception);
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id) && _asked.TryRemove(id.GetInt32(), out var asked))
        {
            if (message.TryGetProperty("error", out var error))
            {
                asked.SetException(new InvalidOperationException(error.ToString()));
            }
            else
            {
                asked.SetResult(message.GetProperty("result"));
            }
        }
        else if (message.TryGetProperty("method", out var method) && (method.ValueEquals("Runtime.exceptionThrown")
            || (method.ValueEquals("Log.entryAdded") && message.GetProperty("params").GetProperty("entry") is var entry && entry.GetProperty("level").ValueEquals("error")
            // Asked for by every browser, and there in few programs.
            && !entry.ToString().Contains("favicon.ico", StringComparison.Ordinal))))
        {
            Problems.Enqueue(message.ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _chromium.Kill(entireProcessTree: true);
        await _chromium.WaitForExitAsync();
        _chromium.Dispose();
        _socket.Dispose();
        Directory.Delete(_profile, recursive: true);
    }
}

/// <summary>A page in a browser.</summary>
internal sealed class Tab(Browser browser, string session, string target) : IAsyncDisposable
{
    // A browser has six connections to a server, and a page that is live takes one.
    public async ValueTask DisposeAsync() => await browser.Ask("Target.closeTarget", new { targetId = target });

    /// <summary>What an expression of the page comes to.</summary>
    public async Task<JsonElement> Value(string expression)
    {
        var answer = await browser.Ask("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true }, session);
        return answer.TryGetProperty("exceptionDetails", out var failure)
            ? throw new InvalidOperationException($"{expression}: {failure}")
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task Until(string expression)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));

        while ((await Value(expression)).ValueKind != JsonValueKind.True)
        {
            Assert.False(patience.IsCancellationRequested, $"Never came true: {expression}; {string.Join(" ", browser.Problems)} {(await Value("typeof seen == \"undefined\" ? document.body.innerText.slice(0, 500) : JSON.stringify([opens, closes, sent, seen])")).ToString()}");
            await Task.Delay(20);
        }
    }

    /// <summary>Roles and names as a screen reader has them.</summary>
    public async Task<IReadOnlyList<(string Role, string Name)>> Accessible()
    {
        var tree = await browser.Ask("Accessibility.getFullAXTree", new { }, session);
        return [.. tree.GetProperty("nodes").EnumerateArray().Where(node => !node.GetProperty("ignored").GetBoolean()).Select(node => (
            node.GetProperty("role").GetProperty("value").GetString()!,
            node.TryGetProperty("name", out var name) ? name.GetProperty("value").GetString() ?? "" : ""))];
    }

    /// <summary>A picture of the page.</summary>
    public async Task Picture(string file)
    {
        var picture = await browser.Ask("Page.captureScreenshot", new { format = "png" }, session);
        await File.WriteAllBytesAsync(file, picture.GetProperty("data").GetBytesFromBase64());
    }

    public Task Look(string scheme) => browser.Ask(
        "Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } }, session);
}
