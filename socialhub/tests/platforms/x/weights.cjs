// Makes weights.json: what X's own library says about texts.
//
//   npm install twitter-text@3.1.0 && node weights.cjs > weights.json
//
// Each row is [text, weighted length, links found]. Its list of emoji ends with Emoji 11 (2018): later
// sequences are counted by X as two all the same, so there are none here.
const twitter = require("twitter-text");

const FAMILY = "👨‍👩‍👧‍👦";
const ENGLAND = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
const plain = [
  "", " ", "a", "hello", "Hello, world!", "line\nbreak", "tab\there", "  spaces  ", 
  "mail a@b.com", "@name hello", "@name@host.example", "#tag #Tag2 #ñandú", "$ACME and $T.A",
  "100 % of 50 €", "price: $5", "a_b-c.d", "……", "—…“”", "«¿Qué?» «¡Sí!»", "naïve café",
  "cafe\u0301", "café", "n\u0303", "A\u030a", "Å", "ﬁ", "½", "™", "©", "®", "→", "✓", "✔", "•",
  "‹›", "‘’", "„“", "‚", "…", "‰", "′″", "‼", "⁉", "€", "₿", "ℹ", "№", "\u200b", "\u200d", "\u2028",
  "\u2000", "\u200d\u200d", "\u2010", "\u201f", "\u2020", "\u2032", "\u2037", "\u2038",
  "\u10ff", "\u1100", "\u0fff", "中文", "日本語のテキスト", "한국어", "ไทย", "हिन्दी", "العربية", "עברית",
  "ελληνικά", "Привет, мир", "Ђ", "𝒳", "𠮷", "ａｂｃ", "。", "、", "ー", "\ufe0f", "a\ufe0f",
];
const emoji = [
  FAMILY, ENGLAND, "🙋🏽", "1️⃣", "#️⃣", "*️⃣", "🇩🇪", "🇩🇪🇪🇸", "🇩", "😀", "😀😀😀", "❤", "❤️", "❤️‍🔥",
  "👍", "👍🏿", "👩‍💻", "👩🏽‍💻", "🏳️‍🌈", "🏴‍☠️", "☎", "☎️", "⌚", "©️", "™️", "▶️", "⬛", "🫠", "🫱🏻‍🫲🏿",
  "👨‍👨‍👦‍👦", "👩‍❤️‍💋‍👨", "🐻‍❄️", "🐈‍⬛", "🦰", "🏽", "a😀b", `${FAMILY} ${FAMILY}`, "👨‍👩", "👨\u200d", "🤷🏼‍♀️",
  "🧜‍♂️", "☺️", "☺", "✈️", "⚽", "🅰️", "㊗️", "🈚", "🪿", "🩷",
];
const links = [
  "https://example.com/very/long/path?x=1", "example.com", "example.invalidtld", "http://a.de",
  "https://example.com", "HTTPS://EXAMPLE.COM", "www.example.com", "example.com/path", "a.b",
  "example.com.", "example.com,", "(example.com)", "(https://example.com/a_(b))", "see example.com!",
  "example.com?x=1&y=2", "https://example.com/#fragment", "https://example.com:8080/x",
  "example.co.uk", "sub.sub.example.org", "xn--bcher-kva.example", "https://bücher.de", "bücher.de",
  "https://例え.jp", "日本語example.com日本語", "https://example.com日本語", "t.co/abc", "https://t.co/abcdefghij",
  "foo@example.com", "#example.com", "@example.com", "$example.com", "-example.com", "a.example.com-",
  "https://localhost", "http://127.0.0.1", "ftp://example.com", "javascript:alert(1)", "http://",
  "https://user:pw@example.com", "https://example.com/a b", "https://a.com https://b.com",
  "https://a.com,https://b.com", "a.com b.org c.net", "example.shop", "example.museum", "example.io",
  "readme.md", "file.txt", "main.py", "node.js", "e.g. this", "v1.2.3", "3.14", "10.30 Uhr", "Ende.Anfang",
  "https://example.com/~name", "https://example.com/ñ", "https://example.com/%20", "https://example.com/…",
  "https://example.com/😀", "https://ex_ample.com", "https://sub_domain.example.com", "http://example.com.",
  "text:https://example.com", "text.https://example.com", "“https://example.com”", "https://example.com/?q=a|b",
  "https://example.com/a'b", "https://example.com/@name", "https://x.com/name/status/1?s=20",
  `https://example.com/${"a".repeat(300)}`, `https://${"a".repeat(64)}.com`,
];
const long = [
  "a".repeat(279), "a".repeat(280), "a".repeat(281), "中".repeat(140), "中".repeat(141),
  "😀".repeat(140), "😀".repeat(141), FAMILY.repeat(140), `${"a".repeat(256)} example.com`,
  `${"a".repeat(257)} example.com`, `${"a".repeat(256)} https://example.com/${"b".repeat(100)}`,
  "cafe\u0301 ".repeat(56), "a\n".repeat(140), "—".repeat(140), "…".repeat(140), "é".repeat(280),
  "e\u0301".repeat(280), `${"word ".repeat(50)}#tag @name example.com`,
];

const rows = [...plain, ...emoji, ...links, ...long].map((text) => [
  text,
  twitter.parseTweet(text).weightedLength,
  twitter.extractUrls(text),
]);
const made =
  "Computed with twitter-text 3.1.0, X's own library (npm), by weights.cjs beside this file";
console.log(
  `{"made": ${JSON.stringify(made)},\n"rows": [\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]}`,
);
