// Refreshes the numbers of a page from the pool's API every few seconds, and its
// lists from the page itself every half minute or when something happened. Without
// this script the pages are complete, they only stand still.
"use strict";

const numbersEvery = 5000, listsEvery = 30000;

const threeDigits = (v) => v >= 99.95 ? v.toFixed(0) : v >= 9.995 ? v.toFixed(1) : v.toFixed(2);

function metric(v) {
  const prefixes = ["", "k", "M", "G", "T", "P", "E", "Z"];
  let i = 0;
  for (; v >= 999.5 && i < prefixes.length - 1; i++) v /= 1000;
  return threeDigits(v) + " " + prefixes[i];
}

const percent = (p) => (p > 0 && p < 0.05 ? "<\u202f0.1" : p < 9.95 ? Math.round(p * 10) / 10 : p.toFixed(0)) + "\u202f%";

// As the functions in format.go.
const words = {
  hashrate: (v) => metric(v) + "H/s",
  count: (v) => String(v).replace(/\B(?=(\d{3})+$)/g, "\u202f"),
  effort: (v) => percent(v * 100),
  coins: (v) => v.replace(/(\.\d\d\d*?)0*$/, "$1"),
  difficulty: (v) => v === 0 ? "–" : v < 0.01 ? String(Number(v.toPrecision(3))) : v < 1000 ? String(Math.round(v * 100) / 100) : metric(v).trim(),
};

const account = document.querySelector("[data-account]")?.dataset.account;
const api = account ? "/api/v1/miners/" + encodeURIComponent(account) : "/api/v1/pool";
const isLive = document.querySelector("[data-live]") !== null;

// What makes the lists worth fetching: blocks, payouts, workers that come and go.
const happened = (doc) => JSON.stringify([
  doc.payouts?.map((p) => p.id + p.status),
  doc.coins.map((c) => [c.blocks_found, c.blocks_immature, c.blocks_orphaned, c.paid, c.workers?.map?.((w) => w.name + w.online)]),
]);

let before;

async function refreshNumbers() {
  const answer = await fetch(api, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const doc = await answer.json();
  const coins = new Map(doc.coins.map((c) => [c.coin, c]));
  for (const element of document.querySelectorAll("[data-live]")) {
    const [coin, field] = element.dataset.live.split(".");
    const value = coins.get(coin)?.[field];
    if (value !== undefined) element.textContent = words[element.dataset.as](value);
  }
  const now = happened(doc);
  if (before !== undefined && before !== now) await refreshLists();
  before = now;
}

async function refreshLists() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-swap]")) {
    const its = fresh.querySelector(`[data-swap="${CSS.escape(old.dataset.swap)}"]`);
    if (its && its.innerHTML !== old.innerHTML) old.replaceChildren(...its.childNodes);
  }
}

// repeat calls f again and again while the page is looked at. A pool that is away
// for a moment is no reason to give up.
function repeat(f, every) {
  setInterval(() => { if (!document.hidden) f().catch(() => {}); }, every);
}

if (isLive) {
  repeat(refreshNumbers, numbersEvery);
  repeat(refreshLists, listsEvery);
}
