"use strict";
// Checks a proof in this browser, from its bytes alone: nothing that the server says about them is believed.
// Sources: RFC 9901 (disclosures), RFC 6962 section 2.1 (hashes), C2SP tlog-proof and signed-note (proof, checkpoint, key).

(() => {
  const utf8 = new TextEncoder();
  const hex = (bytes) => [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
    let at = 0;
    for (const each of parts) { whole.set(each, at); at += each.length; }
    return whole;
  };
  const same = (a, b) => a.length === b.length && a.every((each, at) => each === b[at]);
  const base64 = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const fromUrl = (text) => base64(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
  const toUrl = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // SHA-256 (FIPS 180-4) for where the browser offers none: WebCrypto exists only on secure pages.
  const primes = (count) => { const found = []; for (let n = 2; found.length < count; n++) if (found.every((p) => n % p)) found.push(n); return found; };
  const fraction = (value) => Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
  const K = primes(64).map((p) => fraction(Math.cbrt(p)));
  const H = primes(8).map((p) => fraction(Math.sqrt(p)));
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  function sha256Plain(data) {
    const blocks = Math.ceil((data.length + 9) / 64);
    const padded = new Uint8Array(blocks * 64);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
    view.setUint32(padded.length - 4, (data.length << 3) >>> 0);
    const state = Int32Array.from(H);
    const w = new Int32Array(64);
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(block * 64 + i * 4);
      for (let i = 16; i < 64; i++) {
        const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((each, at) => { state[at] = (state[at] + each) | 0; });
    }
    const out = new Uint8Array(32);
    state.forEach((each, at) => new DataView(out.buffer).setInt32(at * 4, each));
    return out;
  }
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  const sha256 = async (data) => (subtle ? new Uint8Array(await subtle.digest("SHA-256", data)) : sha256Plain(data));

  // -- the bytes of a proof ------------------------------------------------------------------------

  function parseCheckpoint(bytes) {
    const note = new TextDecoder("utf-8", {fatal: true}).decode(bytes);
    const gap = note.lastIndexOf("\n\n");
    const text = note.slice(0, gap + 1);
    const [origin, size, root] = text.split("\n");
    const signatures = note.slice(gap + 2).split("\n").filter(Boolean).map((line) => {
      const [dash, name, value] = line.split(" ");
      if (dash !== "\u2014") throw new Error("signature line");
      const raw = base64(value);
      return {name, id: hex(raw.slice(0, 4)), signature: raw.slice(4)};
    });
    if (!/^(0|[1-9][0-9]{0,15})$/.test(size)) throw new Error("size");
    return {text, origin, size: Number(size), root: base64(root), signatures};
  }

  function parseProof(bytes) {
    const whole = String.fromCharCode(...bytes.slice(0, 12)) === "c2sp.org/tlo" ? bytes : null;
    if (!whole) throw new Error("header");
    let gap = -1;
    for (let at = 0; at + 1 < bytes.length && gap < 0; at++) if (bytes[at] === 10 && bytes[at + 1] === 10) gap = at;
    const [header, ...lines] = new TextDecoder("ascii").decode(bytes.slice(0, gap)).split("\n");
    if (header !== "c2sp.org/tlog-proof@v1") throw new Error("header");
    const extra = lines[0].startsWith("extra ") ? base64(lines.shift().slice(6)) : null;
    const place = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift());
    if (!extra || !place) throw new Error("index");
    const index = Number(place[1]);
    return {entry: extra, index, hashes: lines.map(base64), checkpoint: bytes.slice(gap + 2)};
  }

  // RFC 9162 section 2.1.3.2, which is RFC 6962's proof checked from index and size.
  async function rootOf(leaf, index, size, hashes, seen) {
    if (index >= size) throw new Error("index");
    let fn = index, sn = size - 1, node = leaf;
    for (const each of hashes) {
      if (sn === 0) throw new Error("too long");
      if (fn % 2 === 1 || fn === sn) {
        node = await sha256(joined([1], each, node));
        while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
      } else node = await sha256(joined([1], node, each));
      fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
      seen.push(hex(node));
    }
    if (sn !== 0) throw new Error("too short");
    return node;
  }

  // -- the steps -----------------------------------------------------------------------------------

  async function checkSignature(proof, checkpoint) {
    const values = {checkpoint: checkpoint.text, keys: proof.keys};
    for (const line of proof.keys) {
      const [name, id, ...rest] = line.split("+");
      const raw = base64(rest.join("+"));
      if (raw[0] !== 1 || name !== checkpoint.origin) continue;
      const key = raw.slice(1);
      const wanted = hex((await sha256(joined(utf8.encode(`${name}\n`), raw))).slice(0, 4));
      const found = checkpoint.signatures.find((each) => each.name === name && each.id === id);
      if (wanted !== id || !found) return {state: "fails", values};
      values.signature = hex(found.signature);
      if (!subtle) return {state: "unchecked", values, why: "no_ed25519"};
      let imported;
      try { imported = await subtle.importKey("raw", key, "Ed25519", false, ["verify"]); } catch { return {state: "unchecked", values, why: "no_ed25519"}; }
      const good = await subtle.verify("Ed25519", imported, found.signature, utf8.encode(checkpoint.text));
      return {state: good ? "holds" : "fails", values, note: "key"};
    }
    return {state: "fails", values};
  }

  async function checkDisclosures(item, entry) {
    const said = JSON.parse(new TextDecoder("utf-8", {fatal: true}).decode(entry));
    const opened = new Map();
    for (const text of item.disclosures) {
      const value = JSON.parse(new TextDecoder("utf-8", {fatal: true}).decode(fromUrl(text)));
      opened.set(toUrl(await sha256(utf8.encode(text))), value);
    }
    const proved = new Set();
    const walk = (digests, units) => {
      for (const digest of digests) {
        const value = opened.get(digest);
        if (!value || proved.has(digest)) continue;
        proved.add(digest);
        if (value.length === 3) units.set(value[1], value[2]);
        else if (value[1] && Array.isArray(value[1]._sd)) walk(value[1]._sd, units);
      }
    };
    walk(said._sd || [], new Map());
    // Each post by itself: what is said of one is not said of its neighbour in the entry.
    const posts = (said.posts || []).map((each) => { const units = new Map(); walk([each["..."]], units); return units; });
    const values = {};
    for (const [digest, value] of opened) values[digest] = value;
    const good = said._sd_alg === "sha-256" && proved.size === opened.size && opened.size > 0;
    return {state: good ? "holds" : "fails", values, posts};
  }

  const plain = (text) => (text == null ? "" : typeof text === "string" ? text : text.map((run) => (typeof run === "string" ? run : run.text || "")).join(""));

  // `wanted`: the post that the page shows, as {post, text}; null where no page shows it.
  async function check(proof, wanted, tell) {
    if (!Array.isArray(proof.entries) || !proof.entries.length) throw new Error("entries");
    const note = base64(proof.checkpoint);
    const checkpoint = parseCheckpoint(note);
    tell("signature", null, await checkSignature(proof, checkpoint));
    let last = null;
    for (const item of proof.entries) {
      const parsed = parseProof(base64(item.proof));
      const sameHead = parsed.index === item.index && same(parsed.checkpoint, note);
      const leaf = await sha256(joined([0], parsed.entry));
      tell("leaf", item.index, {state: sameHead ? "holds" : "fails", values: {entry: new TextDecoder().decode(parsed.entry), leaf_hash: hex(leaf)}});
      const path = [];
      let state = "fails", root = null;
      try { root = await rootOf(leaf, parsed.index, checkpoint.size, parsed.hashes, path); state = same(root, checkpoint.root) ? "holds" : "fails"; } catch { state = "fails"; }
      tell("inclusion", item.index, {state, values: {index: parsed.index, size: checkpoint.size, siblings: parsed.hashes.map(hex), upwards: path, root_computed: root && hex(root), root_signed: hex(checkpoint.root)}});
      const found = await checkDisclosures(item, parsed.entry);
      tell("disclosure", item.index, found);
      for (const units of found.posts) {
        const own = units.get("post");
        if (wanted && own && `${own.channel}/${own.id}` === wanted.post) last = {index: item.index, units};
      }
    }
    if (wanted && wanted.text !== null) {
      const says = last ? plain(last.units.get("text")) : null;
      const good = last !== null && bare(says) === bare(wanted.text);
      tell("shown", last && last.index, {state: good ? "holds" : "fails", values: {post: wanted.post, disclosed: says, shown: wanted.text}});
    }
  }
  // The page writes true addresses beside links and numbers for signs that cannot be seen: neither stands in the text.
  const bare = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\s]/gu, "");

  // -- the page ------------------------------------------------------------------------------------

  const place = document.getElementById("checking");
  const button = document.getElementById("check");
  if (!place || !button) return;
  const words = JSON.parse(place.dataset.words);
  const list = document.getElementById("check-steps");
  const verdict = document.getElementById("check-verdict");
  const marks = {holds: ["good", "\u2713"], fails: ["bad", "\u2717"], unchecked: ["unknown", "?"]};
  const node = (name, text, kind) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };

  function shownText() {
    const body = document.getElementById("captured");
    if (!body) return null;
    const copy = body.cloneNode(true);
    for (const each of copy.querySelectorAll(".address")) each.remove();
    if (copy.querySelector(":scope > .quiet")) return "";
    return copy.textContent.replace(/\u27e8U\+[0-9A-F]+\u27e9/g, "");
  }

  async function run(load, isThisPage) {
    place.hidden = false;
    delete place.dataset.verdict;
    list.replaceChildren();
    verdict.textContent = "\u2026";
    const states = [];
    let group = null;
    const folds = new Map();
    // The steps of one entry stand together, folded away unless one of them fails: a proof may have hundreds.
    const listOf = (step, index, state) => {
      if (index === null || step === "shown") return list;
      if (!group || group.index !== index) {
        const fold = node("details");
        const head = node("summary", `${words.entry} ${index}`);
        const steps = node("ol");
        const item = node("li");
        fold.append(head, steps);
        item.append(fold);
        list.append(item);
        group = {index, fold, head, steps, worst: null};
        folds.set(index, fold);
      }
      const order = ["holds", "unchecked", "fails"];
      if (group.worst === null || order.indexOf(state) > order.indexOf(group.worst)) {
        group.worst = state;
        const [kind, sign] = marks[state];
        group.head.replaceChildren(node("span", `${sign} ${words[state]}`, `badge ${kind}`), ` ${words.entry} ${index}`);
      }
      if (state !== "holds") group.fold.open = true;
      return group.steps;
    };
    const tell = (step, index, found) => {
      states.push(found.state);
      const item = node("li");
      Object.assign(item.dataset, {step, index: index === null ? "" : index, state: found.state});
      const [kind, sign] = marks[found.state];
      item.append(node("span", `${sign} ${words[found.state]}`, `badge ${kind}`), ` ${words[step]}`);
      if (found.why) item.append(node("p", words[found.why], "quiet"));
      if (found.note) item.append(node("p", words[found.note], "quiet"));
      const values = node("details");
      values.append(node("summary", words.values), node("pre", JSON.stringify(found.values, null, 1)));
      item.append(values);
      listOf(step, index, found.state).append(item);
      // What the page shows rests on this entry: its steps are the ones to read.
      if (step === "shown" && folds.has(index)) folds.get(index).open = true;
    };
    try {
      await check(await load(), isThisPage ? {post: button.dataset.post, text: shownText()} : null, tell);
    } catch {
      states.push("fails");
      list.append(node("li", words.unreadable));
    }
    const all = states.includes("fails") ? ["bad", words.some_fail] : states.includes("unchecked") ? ["unknown", words.not_all] : ["good", words.all_hold];
    verdict.className = `notice ${all[0]}`;
    verdict.textContent = all[1];
    place.dataset.verdict = all[0];
    place.scrollIntoView({block: "start"});
  }

  button.hidden = false;
  button.addEventListener("click", () => run(async () => {
    const answer = await fetch(button.dataset.proof, {credentials: "same-origin"});
    return (await answer.json()).data;
  }, true));
  const file = document.getElementById("check-file");
  document.getElementById("check-file-label").hidden = false;
  document.getElementById("save-proof").hidden = false;
  file.addEventListener("change", () => {
    const chosen = file.files[0];
    if (!chosen) return;
    run(async () => { const read = JSON.parse(await chosen.text()); return read.data || read; }, false);
    file.value = ""; // so that the same file, mended or spoiled meanwhile, can be chosen again
  });
})();
