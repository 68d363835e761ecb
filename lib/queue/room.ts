import { Refusal } from "@/lib/refusal";

/** Throws `limit` for what `plan_room` said when it left no run: 0 this month, below 0 for as many seconds. */
export function refuseWithoutRoom(room: number | null): void {
  if (room === null || room > 0) return;
  if (room === 0)
    throw new Refusal(
      "limit",
      "The project's plan has no run left this month, so nothing was started. The Usage page says how many there were; whoever runs this server sets them.",
      { plan: ["month"] },
    );
  throw new Refusal(
    "limit",
    `The project's plan has no run left in this minute. Try again in ${-room} s.`,
    { plan: ["minute"] },
    -room,
  );
}
