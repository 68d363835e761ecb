/** What the API answered instead of a result; `message` is a sentence for the person at the screen. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: Record<string, string[]>,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

type Failure = { error?: { code?: string; message?: string; details?: Record<string, string[]> } };

async function failure(response: Response): Promise<ApiError> {
  const body: Failure = await response.json().catch(() => ({}));
  const message = body.error?.message ?? `The server answered ${response.status}. Try again in a moment.`;
  return new ApiError(response.status, body.error?.code ?? "internal", message, body.error?.details);
}

async function request(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "offline", "The server cannot be reached. Check the connection and try again.");
  }
  if (!response.ok) throw await failure(response);
  return response;
}

/** Reads JSON from our own API, whose shape the caller names. Throws ApiError. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, {
    headers: { accept: "application/json" },
    ...(signal ? { signal } : {}),
  });
  return response.json();
}

/** Reads text from our own API. Throws ApiError. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await request(path, signal ? { signal } : {});
  return response.text();
}

/** Sends JSON to our own API and reads its JSON answer; undefined when there is none. Throws ApiError. */
export async function sendJson<T>(
  path: string,
  body: unknown,
  method: "POST" | "PUT" | "PATCH" | "DELETE" = "POST",
): Promise<T | undefined> {
  const response = await request(path, {
    method,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
  return response.status === 204 ? undefined : response.json();
}

/** `path?a=1&b=2` without the empty ones. */
export function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === null || value === undefined || value === "" ? [] : [[key, String(value)]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}
