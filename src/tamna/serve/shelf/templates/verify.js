// The check that a shelf page carries: form, signature, place in the journal, score, and that the page says what its
// certificate says. It mirrors tamna.ledger.verify check for check; nothing is fetched and nothing leaves the page.
// Hashes and signatures come from WebCrypto where the browser has it, else from the code below.
"use strict";
(() => {
const MOST_BYTES = 16 * 1024 * 1024, MOST_DEEP = 16;
const CONTEXT = '["https://www.w3.org/ns/credentials/v2","urn:tamna:context:1"]';
const TYPE = '["VerifiableCredential","TamnaShelfClaim"]';
const BATCH = '["VerifiableCredential","TamnaHydrogenShelfBatch"]';  // of hydrogen: a part more than a lot
const ROUTES = ["hour", "storage", "redispatch", "price", "month", "none"];
const TIERS = [[1, 100n], [2, 1000n], [3, 2000n], [4, 4000n]];  // upper edge, inside [g/kg]
const EU_LIMIT = 3382872n;  // 28.2 g/MJ x 119.96 MJ/kg [mg/kg]
const PARTS = ["self", "ppa", "rec", "location"];
const COLUMNS = [...PARTS, "rest", "estimated"];
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/;

class Refused extends Error {
  constructor(reason, values = {}) { super(reason); this.reason = reason; this.values = values; }
}
const refuse = (reason, values) => { throw new Refused(reason, values); };
class Unknown extends Refused {}  // a check that cannot be made
const leave = (reason, values) => { throw new Unknown(reason, values); };

// --- bytes

const utf8 = text => new TextEncoder().encode(text);
const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);

function bytesOf(text, size) {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text) || (size && text.length !== 2 * size)) refuse("wrong_form");
  return Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16));
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { all.set(p, at); at += p.length; }
  return all;
}

function base58(text) {
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  if (typeof text !== "string" || text[0] !== "z" || text.length > 256) refuse("base58");
  let number = 0n, zeros = 0;
  for (const c of text.slice(1)) {
    const digit = alphabet.indexOf(c);
    if (digit < 0) refuse("base58");
    number = number * 58n + BigInt(digit);
  }
  while (text[1 + zeros] === "1") zeros++;
  const digits = number ? number.toString(16) : "";
  return joined(new Uint8Array(zeros), bytesOf(digits.length % 2 ? "0" + digits : digits));
}

function keyIn(method) {
  const raw = base58(method.slice(method.indexOf("#") + 1 || method.length));
  if (raw.length !== 34 || raw[0] !== 0xed || raw[1] !== 1) refuse("multikey");
  return raw.slice(2);
}

// --- JSON in canonical bytes (RFC 8785): ECMAScript writes numbers and texts as the standard asks

function canonical(value, left = Infinity) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse("no_number");
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) refuse("too_large");
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)) refuse("surrogate");
    return JSON.stringify(value);
  }
  if (left < 0) refuse("deep");
  if (Array.isArray(value)) return `[${value.map(v => canonical(v, left - 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map(k => `${canonical(k)}:${canonical(value[k], left - 1)}`).join(",")}}`;
}

function parse(raw) {
  if (raw.length > MOST_BYTES) refuse("too_long");
  let text, value;
  try { text = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(raw); } catch { refuse("utf8"); }
  try { value = JSON.parse(text); } catch (error) { refuse(error instanceof RangeError ? "deep" : "not_json"); }
  if (canonical(value, MOST_DEEP) !== text) refuse("not_canonical");
  return value;
}

// --- SHA-2 (FIPS 180-4), its constants from the roots of primes; only where WebCrypto is absent

function rootBits(prime, power) {  // first 64 bits of the fraction of prime^(1/power)
  const whole = BigInt(prime) << BigInt(64 * power);
  let low = 0n, high = 1n << 70n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(power) <= whole) low = middle; else high = middle;
  }
  return low & 0xffffffffffffffffn;
}
const primes = [];
for (let n = 2; primes.length < 80; n++) if (primes.every(p => n % p)) primes.push(n);

const SHA = {
  256: {word: 32n, rounds: 64, turns: [[2n, 13n, 22n], [6n, 11n, 25n], [7n, 18n, 3n], [17n, 19n, 10n]]},
  512: {word: 64n, rounds: 80, turns: [[28n, 34n, 39n], [14n, 18n, 41n], [1n, 8n, 7n], [19n, 61n, 6n]]},
};

function ownHash(bits, bytes) {
  const {word, rounds, turns: [A, E, S0, S1]} = SHA[bits];
  const mask = (1n << word) - 1n, cut = 64n - word, size = Number(word) / 8, block = 16 * size;
  const turn = (x, n) => (x >> n) | (x << (word - n));
  const big = (x, [a, b, c]) => (turn(x, a) ^ turn(x, b) ^ turn(x, c)) & mask;
  const small = (x, [a, b, c]) => ((turn(x, a) ^ turn(x, b)) & mask) ^ (x >> c);
  const k = primes.slice(0, rounds).map(p => rootBits(p, 3) >> cut);
  const h = primes.slice(0, 8).map(p => rootBits(p, 2) >> cut);
  const length = Math.ceil((bytes.length + 1 + 2 * size) / block) * block;
  const padded = joined(bytes, Uint8Array.of(0x80), new Uint8Array(length - bytes.length - 1));
  new DataView(padded.buffer).setBigUint64(length - 8, BigInt(bytes.length) * 8n);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < length; at += block) {
    const w = [];
    for (let i = 0; i < 16; i++) w.push(size === 8 ? view.getBigUint64(at + 8 * i) : BigInt(view.getUint32(at + 4 * i)));
    for (let i = 16; i < rounds; i++) w.push((w[i - 16] + small(w[i - 15], S0) + w[i - 7] + small(w[i - 2], S1)) & mask);
    let [a, b, c, d, e, f, g, z] = h;
    for (let i = 0; i < rounds; i++) {
      const one = z + big(e, E) + ((e & f) ^ (~e & mask & g)) + k[i] + w[i];
      const two = big(a, A) + ((a & b) ^ (a & c) ^ (b & c));
      [z, g, f, e, d, c, b, a] = [g, f, e, (d + one) & mask, c, b, a, (one + two) & mask];
    }
    [a, b, c, d, e, f, g, z].forEach((v, i) => { h[i] = (h[i] + v) & mask; });
  }
  return bytesOf(h.map(v => v.toString(16).padStart(2 * size, "0")).join(""));
}

const subtle = () => tamna.own ? undefined : globalThis.crypto?.subtle;

async function hash(bits, bytes) {
  return subtle() ? new Uint8Array(await subtle().digest(`SHA-${bits}`, bytes)) : ownHash(bits, bytes);
}

// --- Ed25519 (RFC 8032): [S]B = R + [k]A, compared as bytes; only where WebCrypto has it not

const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = v => ((v % P) + P) % P;
function power(base, exponent) {
  let found = 1n;
  for (base = mod(base); exponent; exponent >>= 1n, base = mod(base * base)) if (exponent & 1n) found = mod(found * base);
  return found;
}
const D = mod(-121665n * power(121666n, P - 2n)), ROOT = power(2n, (P - 1n) / 4n);
const little = bytes => BigInt("0x" + hex(Uint8Array.from(bytes).reverse()));

function point(bytes) {  // x, y, 1, xy of a point written in 32 bytes, or null
  const number = little(bytes), y = number & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) !== u) x = mod(x * ROOT);
  if (mod(v * x * x) !== u || (x === 0n && number >> 255n)) return null;
  if ((x & 1n) !== number >> 255n) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2), b = (y1 + x1) * (y2 + x2), c = 2n * D * mod(t1 * t2), d = 2n * z1 * z2;
  const e = mod(b - a), f = mod(d - c), g = mod(d + c), h = mod(b + a);
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(p, n) {
  let found = [0n, 1n, 1n, 0n];
  for (; n; n >>= 1n, p = plus(p, p)) if (n & 1n) found = plus(found, p);
  return found;
}

async function ownSigned(key, data, signature) {
  const a = point(key), s = little(signature.slice(32));
  if (!a || s >= L) return false;
  const k = little(await hash(512, joined(signature.slice(0, 32), key, data))) % L;
  const base = point(bytesOf("58" + "66".repeat(31)));
  const [x, y, z] = plus(times(base, s), times([P - a[0], a[1], 1n, P - a[3]], k));
  const inverse = power(z, P - 2n), found = mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n);
  return little(signature.slice(0, 32)) === found;
}

async function signedBy(key, data, signature) {
  if (signature.length !== 64) return false;
  try {
    const imported = await subtle().importKey("raw", key, {name: "Ed25519"}, false, ["verify"]);
    return await subtle().verify({name: "Ed25519"}, imported, signature, data);
  } catch { return ownSigned(key, data, signature); }
}

// --- Data Integrity, eddsa-jcs-2022

function methodOf(document) {
  const proof = document.proof, fixed = {type: "DataIntegrityProof", cryptosuite: "eddsa-jcs-2022", proofPurpose: "assertionMethod"};
  if (proof === null || typeof proof !== "object") refuse("no_proof");
  for (const [part, value] of Object.entries(fixed)) if (proof[part] !== value) refuse("proof_part", {part, value});
  const known = [...Object.keys(fixed), "@context", "created", "verificationMethod", "proofValue"];
  if (Object.keys(proof).some(k => !known.includes(k))) refuse("proof_strange");
  const context = d => "@context" in d ? canonical(d["@context"]) : "";
  if (context(document) !== context(proof)) refuse("proof_context");
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(proof.created)) refuse("proof_created");
  if (typeof proof.verificationMethod !== "string") refuse("proof_key");
  return proof.verificationMethod;
}

async function checkProof(document) {
  const key = keyIn(methodOf(document)), {proof, ...bare} = document, {proofValue, ...config} = proof;
  if (typeof proofValue !== "string") refuse("proof_value");
  const data = joined(await hash(256, utf8(canonical(config))), await hash(256, utf8(canonical(bare))));
  if (!await signedBy(key, data, base58(proofValue))) refuse("signature");
}

// --- form, time, place, score

function object(value, keys, may, path) {
  const found = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : null;
  if (!found || keys.some(k => !found.includes(k)) || found.some(k => !keys.includes(k) && !may.includes(k))) refuse("parts", {path});
  return value;
}

function checkStated(stated) {
  if (stated === undefined) return;
  const {export_rule = "", links = []} = object(stated, [], ["export_rule", "links"], "stated");
  if (!Object.keys(stated).length || !Array.isArray(links) || [export_rule, ...links].some(v => typeof v !== "string")) refuse("parts", {path: "stated"});
}

function checkForm(d) {
  object(d, ["@context", "id", "type", "issuer", "validFrom", "credentialSubject", "evidence", "proof"], ["credentialStatus", "validUntil"], "/");
  const batch = isBatch(d);
  if (canonical(d["@context"]) !== CONTEXT || (canonical(d.type) !== TYPE && !batch)) refuse("context");
  const must = ["account", "start", "end", "zone", "method", "hours", "score", "lot", ...(batch ? ["hydrogen"] : [])];
  const s = object(d.credentialSubject, must, ["stated"], "credentialSubject");
  checkStated(s.stated);
  object(d.evidence, ["type", "leaf", "index", "inclusion", "checkpoint"], [], "evidence");
  if (s.method !== (batch ? "tamna-hydrogen-shelf-1" : "tamna-shelf-1")) refuse("method");
  const hours = object(s.hours, [...COLUMNS, "start", "length_s", "largest"], [], "hours");
  const columns = COLUMNS.map(name => hours[name]);
  if (!columns.every(c => Array.isArray(c) && c.length === columns[0].length && c.length)) refuse("columns");
  if (columns.some(c => c.some(v => !Number.isInteger(v) || v < 0 || v >= 2 ** 32))) refuse("whole");
  const lot = object(s.lot, ["name", "product", "maker"], [], "lot");
  for (const part of [lot.product, lot.maker]) object(part, ["en", "ko"], [], "lot");
  if ([lot.name, ...Object.values(lot.product), ...Object.values(lot.maker)].some(v => typeof v !== "string")) refuse("parts", {path: "lot"});
  if (![1000, 100, 10].includes(hours.largest)) refuse("parts", {path: "largest"});
  if (batch) checkBatchForm(s.hydrogen, columns[0].length);
}

const isBatch = d => d !== null && typeof d === "object" && Array.isArray(d.type) && canonical(d.type) === BATCH;

function checkBatchForm(h, count) {
  object(h, ["grid_mg_per_kwh", "process", "result", "routes", "wh_per_kg"], [], "hydrogen");
  object(h.routes, ROUTES, [], "hydrogen");
  object(h.result, ["claimed", "eu_hour", "eu_month"], [], "hydrogen");
  const whole = (values, n, least = 0, most = 1e9) => Array.isArray(values) && values.length === n && values.every(v => Number.isInteger(v) && v >= least && v < most);
  if (typeof h.process !== "string" || !whole(h.grid_mg_per_kwh, 2) || h.grid_mg_per_kwh[0] > h.grid_mg_per_kwh[1]) refuse("parts", {path: "hydrogen"});
  if (!whole([h.wh_per_kg], 1, 1)) refuse("parts", {path: "hydrogen"});
  if (!ROUTES.every(name => whole(h.routes[name], count, 0, 2 ** 53))) refuse("whole_hydrogen");
}

function moment(text) {
  if (typeof text !== "string") refuse("wrong_form");
  const at = MOMENT.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) refuse("moment");
  return at / 1000;
}

function checkTime(d, now) {
  const begins = Math.max(moment(d.validFrom), moment(d.proof.created));
  if (now < begins) refuse("early");
  if ("validUntil" in d && now >= moment(d.validUntil)) refuse("late");
  if (moment(d.evidence.checkpoint.at) > begins) refuse("young");
}

function spans(hours) {  // [start, length] of each interval, in seconds
  const count = hours.estimated.length, lengths = Array.isArray(hours.length_s) ? hours.length_s : Array(count).fill(hours.length_s);
  if (lengths.length !== count || lengths.some(v => !Number.isInteger(v) || v < 1 || v > 3600)) refuse("interval");
  if (hours.estimated.some(v => v > 1)) refuse("estimated");
  let at = moment(hours.start);
  return lengths.map(length => { at += length; return [at - length, length]; });
}

const node = (left, right) => hash(256, joined(Uint8Array.of(1), left, right));

async function checkPlace(d) {
  const {credentialSubject: s, evidence: e} = d, point = e.checkpoint, all = spans(s.hours), last = all[all.length - 1];
  if (all[0][0] !== moment(s.start) || last[0] + last[1] !== moment(s.end)) refuse("period");
  if (point === null || typeof point !== "object") refuse("wrong_form");
  if (!Number.isInteger(e.index) || !Number.isInteger(point.size) || !(0 <= e.index && e.index < point.size)) refuse("leaf_outside");
  let here = e.index, end = point.size - 1, reached = bytesOf(e.leaf, 32);
  for (const partner of e.inclusion.map(h => bytesOf(h, 32))) {
    if (end === 0) refuse("path_long");
    if (here % 2 || here === end) {
      reached = await node(partner, reached);
      while (here % 2 === 0 && here) { here /= 2; end = Math.floor(end / 2); }
    } else reached = await node(reached, partner);
    here = Math.floor(here / 2); end = Math.floor(end / 2);
  }
  if (end !== 0) refuse("path_short");
  if (!same(reached, bytesOf(point.root, 32))) refuse("path_root");
  const method = methodOf(point);
  if (point.issuer !== d.issuer || method.split("#")[0] !== d.issuer) refuse("point_issuer");
  if (point.type !== "TamnaCheckpoint") refuse("point_type");
  if (method !== methodOf(d)) refuse("point_key");
  await checkProof(point);
}

function counted(hours) {
  const sum = column => column.reduce((a, b) => a + b, 0), found = {load: 0, claimable: 0, physical: 0};
  for (const part of PARTS) found[part] = sum(hours[part]);
  const each = hours.rest.map((rest, i) => {
    const claimable = hours.self[i] + hours.ppa[i] + hours.rec[i];
    return {claimable, load: claimable + hours.location[i] + rest, estimated: hours.estimated[i]};
  });
  const used = each.map((h, i) => i).filter(i => each[i].load);
  const lower = (i, j) => BigInt(each[i].claimable) * BigInt(each[j].load) < BigInt(each[j].claimable) * BigInt(each[i].load);
  found.claimable = found.self + found.ppa + found.rec;
  found.physical = found.claimable + found.location;
  found.load = sum(each.map(h => h.load));
  found.hours = each.length;
  found.hours_full = each.filter(h => h.load && h.claimable === h.load).length;
  found.worst_hour = used.length ? used.reduce((best, i) => lower(i, best) ? i : best) : -1;
  found.estimated = sum(each.map(h => h.estimated ? h.load : 0));
  return found;
}

function checkScore({score, hours}) {
  const found = counted(hours);
  if (score === null || typeof score !== "object") refuse("wrong_form");
  const wrong = [...new Set([...Object.keys(found), ...Object.keys(score)])].find(k => found[k] !== score[k]);
  if (wrong) refuse("score", {part: wrong});
}

// --- hydrogen: routes and carbon of a kilogram, in whole numbers like tamna.ledger.hydrogen_score

const total = column => column.reduce((a, b) => a + b, 0);

function countedBatch({score, hydrogen: h}) {
  const load = total(ROUTES.map(name => total(h.routes[name])));
  if (!load || !score.load) refuse("no_load");
  const unmet = {claimed: [score.claimable, score.load - score.claimable]};
  for (const [name, open] of [["eu_hour", ["month", "none"]], ["eu_month", ["none"]]]) {
    const rest = total(open.map(route => total(h.routes[route])));
    unmet[name] = [load - rest, rest];
  }
  const found = {};
  for (const [name, [renewable, rest]] of Object.entries(unmet)) {
    const whole = BigInt(renewable + rest) * 1000000n;
    const carbon = h.grid_mg_per_kwh.map(factor => BigInt(rest) * BigInt(factor) * BigInt(h.wh_per_kg));
    found[name] = {
      renewable, g_per_kg: carbon.map(c => Number((c + whole - 1n) / whole)),
      tier: carbon.map(c => TIERS.find(([, edge]) => c <= edge * whole)?.[0] ?? 0),
      within_eu: carbon.map(c => c * 1000n <= EU_LIMIT * whole),
    };
  }
  return found;
}

function checkHydrogen(s) {
  for (const [name, found] of Object.entries(countedBatch(s))) if (canonical(found) !== canonical(s.hydrogen.result[name])) refuse("score", {part: name});
}

function saysBatch({score, hydrogen: h}) {
  const load = total(ROUTES.map(name => total(h.routes[name]))), found = {};
  const tenths = n => `${Math.floor(n / 10)}.${n % 10}`, range = (values, text) => [...new Set(values.map(text))].join("–");
  const kilograms = g => { const c = Math.ceil(g / 10); return `${Math.floor(c / 100)}.${String(c % 100).padStart(2, "0")}`; };
  found.kwh_per_kg = tenths(Math.ceil(h.wh_per_kg / 100));
  found.factor = range(h.grid_mg_per_kwh, v => String(Math.ceil(v / 1000)));
  for (const [name, {renewable, g_per_kg, tier, within_eu}] of Object.entries(h.result)) {
    found[`${name}_share`] = percent(renewable, name === "claimed" ? score.load : load);
    found[`${name}_kg`] = range(g_per_kg, kilograms);
    found[`${name}_mj`] = range(g_per_kg, g => tenths(Math.ceil(g * 1000 / 11996)));
    found[`${name}_tier`] = range(tier, n => n ? String(n) : "×");
    found[`${name}_eu`] = range(within_eu, v => v ? "✓" : "×");
  }
  for (const name of ROUTES) found[`route_${name}`] = percent(total(h.routes[name]), load);
  return found;
}

// --- status: the list that came with the page, as of its date and while it stands

async function bitsOf(text) {
  if (typeof text !== "string" || !/^u[\w-]+$/.test(text)) refuse("wrong_form");
  const packed = Uint8Array.from(atob(text.slice(1).replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  if (!globalThis.DecompressionStream) leave("no_gunzip");
  let bits;
  try { bits = new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer()); }
  catch { refuse("status_packed"); }
  if (bits.length * 8 < 131072) refuse("status_short");
  return bits;
}

async function checkStatus(d, list, now) {
  const entry = d.credentialStatus;
  if (!entry) leave("status_none");
  const {credentialSubject: subject} = list, index = Number(entry.statusListIndex);
  if (list.issuer !== d.issuer || methodOf(list).split("#")[0] !== d.issuer) refuse("status_issuer");
  await checkProof(list);
  if (list.id !== entry.statusListCredential || subject.statusPurpose !== entry.statusPurpose) refuse("status_other");
  if (entry.type !== "BitstringStatusListEntry" || subject.type !== "BitstringStatusList") refuse("status_form");
  if (now < moment(list.validFrom)) refuse("status_early");
  const bits = await bitsOf(subject.encodedList);
  if (!Number.isInteger(index) || index < 0 || index >= bits.length * 8) refuse("status_place");
  if (bits[index >> 3] >> (7 - index % 8) & 1) refuse("taken_back");
  if (!("validUntil" in list)) leave("status_endless");
  if (now >= moment(list.validUntil)) leave("status_old", {moment: list.validUntil});
  return ["status_as_of", {moment: list.validFrom}];
}

// --- what a page says of a certificate, and its pictures: the same whole numbers as tamna.serve.shelf.says

const percent = (part, whole) => {
  const thousandths = Math.floor(part * 1000 / whole);
  return `${Math.floor(thousandths / 10)}.${thousandths % 10}%`;
};

function bars(hours, offset) {
  const {day, rows, step} = laid(hours, offset), columns = ["claimable", "location", "rest"];
  const drawn = (slots, height) => {
    const most = Math.max(1, ...slots.map(s => s.claimable + s.location + s.rest));
    return columns.map((name, n) => slots.map(s => {
      const [below, above] = [n, n + 1].map(k => Math.floor(columns.slice(0, k).reduce((a, c) => a + s[c], 0) * height / most));
      return above > below ? `M${s.x} ${s.y - above}h${s.width}v${above - below}h-${s.width}z` : "";
    }).join(""));
  };
  return [...drawn(day, 120), ...drawn(rows, step - 4)];
}

function laid(hours, offset) {
  const all = spans(hours), first = Math.floor((all[0][0] + offset) / 86400);
  const days = Math.floor((all[all.length - 1][0] + offset) / 86400) - first + 1, each = Math.ceil(days / 62);
  const count = Math.ceil(days / each), step = count <= 16 ? 40 : count <= 31 ? 28 : 20;
  const into = (slots, key, x, y, width) => slots[key] ??= {x, y, width, claimable: 0, location: 0, rest: 0};
  const day = {}, rows = {};
  all.forEach(([at, length], i) => {
    const second = (at + offset) % 86400, row = Math.floor((Math.floor((at + offset) / 86400) - first) / each);
    const hour = Math.floor(second / 3600), x = Math.floor(second * 24 / 3600), end = Math.floor((second + length) * 24 / 3600);
    for (const slot of [into(day, hour, hour * 24 + 1, 120, 22), into(rows, `${row} ${x}`, x, row * step + step - 2, Math.max(1, end - x - (end - x > 3 ? 1 : 0)))]) {
      slot.claimable += hours.self[i] + hours.ppa[i] + hours.rec[i];
      slot.location += hours.location[i];
      slot.rest += hours.rest[i];
    }
  });
  return {day: Object.values(day), rows: Object.values(rows), step};
}

function says(d, {lang, offset, months}) {
  const {score, hours, lot} = d.credentialSubject, all = spans(hours);
  const parts = at => { const t = new Date((at + offset) * 1000); return [t.getUTCFullYear(), t.getUTCMonth() + 1, t.getUTCDate(), t.getUTCHours()]; };
  const date = at => { const [y, m, n] = parts(at); return lang === "ko" ? `${y}년 ${m}월 ${n}일` : `${n} ${months[m - 1]} ${y}`; };
  const hour = at => `${date(at)} ${String(parts(at)[3]).padStart(2, "0")}:00`;
  const ends = all[all.length - 1], number = n => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const found = {
    product: lot.product[lang], maker: lot.maker[lang], lot: lot.name, zone: d.credentialSubject.zone, issuer: d.issuer,
    first: date(all[0][0]), last: date(ends[0] + ends[1] - 1),
    hours: number(score.hours), hours_full: number(score.hours_full),
    worst: score.worst_hour < 0 ? "" : hour(all[score.worst_hour][0]),
    estimated: `${Math.ceil(score.estimated * 100 / score.load)}%`, steps: number(hours.largest),
  };
  for (const part of ["claimable", "physical", ...PARTS]) found[part] = percent(score[part], score.load);
  const {export_rule = "", links = []} = d.credentialSubject.stated ?? {};
  Object.assign(found, {export_rule, links: links.join(", ")});
  if (isBatch(d)) Object.assign(found, saysBatch(d.credentialSubject));
  bars(hours, offset).forEach((path, i) => { found[`path${i}`] = path; });
  return found;
}

async function checkPage(d, raw, page) {
  const found = {...says(d, page), sha256: hex(await hash(256, raw)), fingerprint: hex(await hash(256, keyIn(methodOf(d))))};
  const must = [...["export_rule", "links"].filter(part => found[part]), "product", "lot", "physical", "claimable", "sha256", "fingerprint", ...[0, 1, 2, 3, 4, 5].map(i => `path${i}`)];
  if (isBatch(d)) must.push(...["claimed", "eu_hour", "eu_month"].flatMap(n => [`${n}_share`, `${n}_kg`, n === "claimed" ? `${n}_tier` : `${n}_eu`]));
  const gone = must.find(name => !page.shown.some(([what]) => what === name));
  if (gone) refuse("page", {part: page.names[gone]});
  for (const [what, shown] of page.shown) {
    const plain = what === "fingerprint" ? shown.replace(/\s/g, "") : shown;
    if (found[what] !== plain) refuse("page", {part: page.names[what] ?? what});
  }
}

// --- all checks in their order; none stops the others, but nothing can be said after a wrong form

async function check(raw, page) {
  const answers = [];
  const ask = async (name, question) => {
    let answer = "valid", reason = null, values = {};
    try { [reason, values] = await question() ?? [null, {}]; } catch (error) {
      answer = error instanceof Unknown ? "unknown" : "invalid";
      reason = error instanceof Refused ? error.reason : "wrong_form";
      values = error instanceof Refused ? error.values : {};
    }
    answers.push({name, answer, reason, values});
    return answer === "valid";
  };
  let d;
  if (!await ask("form", () => { d = parse(raw); checkForm(d); })) return answers;
  await ask("signature", () => checkProof(d));
  await ask("time", () => checkTime(d, page.now));
  await ask("inclusion", () => checkPlace(d));
  await ask("score", () => checkScore(d.credentialSubject));
  if (isBatch(d)) await ask("hydrogen", () => checkHydrogen(d.credentialSubject));
  if (page.status) await ask("status", () => checkStatus(d, page.status, page.now));
  if (page.shown) await ask("page", () => checkPage(d, raw, page));
  return answers;
}

// --- on the page

async function show() {
  const words = JSON.parse(document.getElementById("words").textContent);
  const raw = utf8(document.getElementById("certificate").textContent);
  const shown = Array.from(document.querySelectorAll("[data-says]"), e => [e.dataset.says, e.getAttribute("d") ?? e.textContent]);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const {lang, offset, months, names, status} = words;
  const answers = await check(raw, {lang, offset, months, names, status, shown, now: Date.now() / 1000});
  const list = document.getElementById("checks"), [bad, open] = ["invalid", "unknown"].map(what => answers.filter(a => a.answer === what));
  list.replaceChildren(...answers.map(a => {
    const item = document.createElement("li"), what = document.createElement("b");
    item.className = a.answer;
    what.textContent = words.checks[a.name];
    item.append(what);
    if (a.reason) item.append(` ${filled(words.reasons[a.reason] ?? a.reason, a.values)}`);
    return item;
  }));
  document.getElementById("answer").textContent = bad.length ? words.bad : words.good;
  document.getElementById("why").textContent = (bad.length ? bad : open).map(a => filled(words.reasons[a.reason] ?? a.reason, a.values)).join("; ");
  document.documentElement.dataset.state = bad.length ? "bad" : "good";
  return answers;
}

const tamna = globalThis.tamna = {own: false, check, canonical, parse, hash, signedBy, checkProof, counted, says, show};
if (globalThis.document?.getElementById("certificate")) tamna.done = show();
})();
