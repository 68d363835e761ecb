import { describe, expect, test } from "vitest";
import type { Json } from "@/lib/workflow/types";
import { readXml } from "./xml";

const read = async (text: string) => (await readXml(text))?.value;

describe("XML by its standard", () => {
  test.each<[string, string, Json]>([
    ["decimal references", "<a>Am&#233;lie</a>", { a: "Amélie" }],
    ["hexadecimal references", "<a>N&#x2019;D&#xE9;</a>", { a: "N’Dé" }],
    ["references beyond the basic plane", "<a>&#x1F60A;&#128522;</a>", { a: "😊😊" }],
    ["the five entities", "<a>&lt;&gt;&amp;&quot;&apos;</a>", { a: "<>&\"'" }],
    ["decoding once", "<a>&amp;#233; &amp;amp; &#38;lt;</a>", { a: "&#233; &amp; &lt;" }],
    ["attributes", `<a b="l&#39;accueil" c='"'/>`, { a: { "@b": "l'accueil", "@c": '"' } }],
    ["a line break that an attribute escapes", '<a b="x&#10;y"/>', { a: { "@b": "x\ny" } }],
    ["CDATA as it stands", "<a><![CDATA[&#233; <b>&amp;]]></a>", { a: "&#233; <b>&amp;" }],
    ["CDATA between texts", "<a>&#233;<![CDATA[ & ]]>&#233;</a>", { a: "é & é" }],
    ["mixed content", "<a>x<b>1</b>y<b>2</b></a>", { a: { b: ["1", "2"], "#text": "xy" } }],
    ["empty elements", "<a><b/><c></c></a>", { a: { b: "", c: "" } }],
    [
      "names with prefixes",
      '<n:a xmlns:n="u"><n:b n:c="1"/></n:a>',
      { "n:a": { "@xmlns:n": "u", "n:b": { "@n:c": "1" } } },
    ],
    ["comments and instructions", "<?x y?><!-- & --><a><!-- <b/> --><?z <?>1</a><!-- e -->", { a: "1" }],
    [
      "numbers and truths as texts",
      "<a><b>007</b><c>1e3</c><d>true</d></a>",
      { a: { b: "007", c: "1e3", d: "true" } },
    ],
    ["line ends", "<a>1\r\n2\r3</a>", { a: "1\n2\n3" }],
    [
      "a document type that defines nothing it uses",
      '<!DOCTYPE a SYSTEM "a.dtd" [<!-- > --><!ELEMENT a ANY>]><a>1 &amp; 2</a>',
      { a: "1 & 2" },
    ],
    [
      "what no document may hold, as written",
      "<a>&#0;&#xD800;&#x110000;&#99999999;</a>",
      { a: "&#0;&#xD800;&#x110000;&#99999999;" },
    ],
  ])("%s", async (_, text, value) => expect(await read(text)).toEqual(value));

  test("names that JavaScript has a meaning for are names", async () => {
    const names = [
      "constructor",
      "prototype",
      "__proto__",
      "hasOwnProperty",
      "toString",
      "valueOf",
      "__defineGetter__",
    ];
    const text = `<a>${names.map((name) => `<${name} ${name}="1">x</${name}><e><${name}/></e>`).join("")}</a>`;
    const json = JSON.stringify(await read(text));
    for (const name of names) expect(json).toContain(`"${name}":{"#text":"x","@${name}":"1"}`);
    for (const name of names) expect(json).toContain(`{"${name}":""}`);
    expect(Object.prototype).not.toHaveProperty("x");
  });

  test.each([
    ["an open element", "<a><b></a>"],
    ["two roots", "<a/><b/>"],
    ["text alone", "hello"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["a bare ampersand", "<a>a & b</a>"],
    ["an entity of its own", '<!DOCTYPE x [<!ENTITY e "boom">]><x>&e;</x>'],
    ["an entity from elsewhere", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
    ["an entity in an attribute", '<!DOCTYPE x [<!ENTITY e "boom">]><x y="&e;"/>'],
    ["a document type without an end", '<!DOCTYPE x [<!ENTITY e "'],
    ["501 elements within each other", "<a>".repeat(501) + "</a>".repeat(501)],
  ])("%s is not read", async (_, text) => expect(await readXml(text)).toBeUndefined());

  test("a billion laughs stay as they are", async () => {
    const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
      "",
    );
    expect(await readXml(`<!DOCTYPE l [<!ENTITY l0 "ha">${levels}]><l>&l9;</l>`)).toBeUndefined();
  });

  test("a name that nothing defines stays as it is written, and is told", async () => {
    expect(await readXml("<a>&eacute; &nbsp;</a>")).toEqual({
      value: { a: "&eacute; &nbsp;" },
      notes: ["entities_kept"],
    });
  });

  test("more references than any entity may expand to are all decoded", async () => {
    const many = 150_000;
    expect(await read(`<a>${"&#233;".repeat(many)}</a>`)).toEqual({ a: "é".repeat(many) });
  });
});
