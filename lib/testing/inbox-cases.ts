import { deflateRawSync, gzipSync } from "node:zlib";

/** A request to an inbox URL. `path` follows the id. */
export type InboxCase = {
  name: string;
  method?: string;
  path?: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | null;
};

const bytes = (body: string | Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(body));
const of = (
  name: string,
  type: string,
  body: string | Uint8Array,
  more: Partial<InboxCase> = {},
): InboxCase => ({
  name,
  body: bytes(body),
  ...more,
  headers: { "content-type": type, ...more.headers },
});

/** One message of every kind, which all the ways into the inbox must store alike. */
export const inboxCases: InboxCase[] = [
  of("JSON", "application/json", '{"form":"referral","patient":{"name":"Ada","visits":[1,2.50]}}'),
  of("JSON that jsonb refuses", "application/json", '{"form":"referral","note":"a\\u0000b","n":1e999999}'),
  of("broken JSON", "application/json", '{"form":'),
  of("a form", "application/x-www-form-urlencoded", "form=referral&tag=a&tag=b%20c"),
  of("XML", "text/xml; charset=utf-8", '<visit id="7"><name>Ada &amp; Co</name></visit>'),
  of("text", "text/plain", "größer als ∞"),
  of(
    "bytes that are no text",
    "application/octet-stream",
    Uint8Array.from({ length: 512 }, (_, i) => i),
  ),
  of("gzip", "application/json", gzipSync('{"form":"referral","zipped":true}'), {
    headers: { "content-encoding": "gzip" },
  }),
  of("deflate", "application/json", deflateRawSync('{"form":"referral","zipped":true}'), {
    headers: { "content-encoding": "Deflate, identity" },
  }),
  of("XML in ISO-8859-1", "text/xml; charset=iso-8859-1", Buffer.from("<a>R\xe9&#233;</a>", "latin1")),
  of("JSON in UTF-16", "application/json", Buffer.from('\ufeff{"form":"référence"}', "utf16le")),
  of(
    "nested fields in windows-1251",
    "application/x-www-form-urlencoded; charset=windows-1251",
    "a[b]=%CF&t[]=1&t[]=2",
  ),
  of(
    "a form with a file",
    "multipart/form-data; boundary=b",
    '--b\r\nContent-Disposition: form-data; name="f"; filename="1.x"\r\n\r\n\0\xff\r\n--b\r\nContent-Disposition: form-data; name="n"\r\n\r\né\r\n--b--',
  ),
  of("nothing", "text/plain", ""),
  of("a path, a query and headers of its own", "application/json", "{}", {
    path: "/clinics/north%20side/%E2%82%AC?x=1&x=2&y=a%26b&z&path=own",
    headers: { "x-facility": "north", cookie: "session=1", "user-agent": "OpenDataKit/1.0" },
  }),
];
