declare module "autocannon" {
  type Options = {
    url: string;
    method: "POST" | "GET";
    connections: number;
    duration: number;
    body?: string;
    headers?: Record<string, string>;
  };
  type Result = {
    requests: { average: number; total: number };
    latency: { p50: number; p97_5: number; p99: number };
    non2xx: number;
    errors: number;
  };
  export default function autocannon(options: Options): Promise<Result>;
}
