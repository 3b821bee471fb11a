namespace Live;

/// <summary>The page. It shows a history where it is told one, so one that is open needs no reload for the next version.</summary>
internal static class Page
{
    internal const string Html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Live auction</title>
        <style>
          :root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }
          body { max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
          output { display: block; font-size: 4rem; font-weight: 700; line-height: 1.1; }
          form { display: flex; gap: .5rem; margin: 1.5rem 0; flex-wrap: wrap; }
          input, button { font: inherit; padding: .4rem .8rem; border: 1px solid #888; border-radius: .5rem; }
          input { width: 8rem; } button { background: #1d8348; color: #fff; border: 0; }
          ol:empty, h2:has(+ ol:empty) { display: none; } small { opacity: .75; }
        </style>
        <h1 id="name">…</h1>
        <p>Highest bid, by <b id="leader">…</b></p>
        <output id="price" aria-live="polite" aria-label="Highest bid">…</output>
        <form id="form">
          <input id="amount" type="number" aria-label="Your bid" required>
          <button>Bid</button>
        </form>
        <h2>Last bids</h2><ol id="bids" aria-label="Last bids"></ol>
        <p><small>You are <b id="who"></b>. Connected <b id="opens">0</b> times, disconnected <b id="closes">0</b> times.</small></p>
        <script>
          const $ = id => document.getElementById(id), add = id => $(id).textContent = +$(id).textContent + 1;
          const who = ["Ada", "Alan", "Barbara", "Edsger", "Grace", "Joe", "Leslie", "Robin"][Math.random() * 8 | 0];
          $("who").textContent = who;
          let socket;
          function connect() {
            socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/bids?who=${who}`);
            socket.onopen = () => add("opens");
            socket.onclose = () => { add("closes"); setTimeout(connect, 1000); };
            socket.onmessage = message => {
              const now = JSON.parse(message.data);
              $("name").textContent = now.name; $("leader").textContent = now.leader; $("price").textContent = now.price;
              $("amount").value = now.price + (now.step ?? 1);
              $("bids").replaceChildren(...(now.bids ?? []).map(bid => Object.assign(document.createElement("li"), { textContent: bid })));
            };
          }
          $("form").onsubmit = event => { event.preventDefault(); socket.send($("amount").value); };
          connect();
        </script>
        </html>
        """;
}
