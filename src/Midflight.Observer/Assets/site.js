// Shows anew what is live on the page. Without it the pages are complete, and stand still.
const main = document.querySelector("main"), status = document.getElementById("live");
if (main.querySelector("[data-live]")) {
  const address = new URL(location.href);
  address.searchParams.set("live", "1");
  const events = new EventSource(address);
  events.onopen = () => { status.textContent = "live"; };
  events.onerror = () => { status.textContent = "not connected"; };
  events.onmessage = event => {
    const now = new DOMParser().parseFromString(JSON.parse(event.data), "text/html");
    for (const part of main.querySelectorAll("[data-live]")) {
      const next = now.getElementById(part.id);
      // What somebody is about to use stays under their hand.
      if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceChildren(...next.childNodes);
    }
  };
  addEventListener("pagehide", () => events.close());
}
