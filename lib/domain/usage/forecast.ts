const dayMs = 86_400_000;

export type ForecastFrom = {
  now: Date;
  /** Runs of this month so far, and of the seven whole days before today together with today. */
  used: number;
  recent: number;
  /** When the project was made. */
  since: Date;
  /** Runs a month; null without a limit. */
  limit: number | null;
};

/** Runs at the month's end, and the day (UTC) on which the limit will be reached; null when it will not. */
export type Forecast = { runs: number; reachedOn: string | null };

/** Goes on as in the last week: as many runs a day as in its seven days and today, or since the project was made. */
export function forecastOf({ now, used, recent, since, limit }: ForecastFrom): Forecast {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  const begin = Math.max(today - 7 * dayMs, since.getTime());
  // A project of an hour has no week to go by.
  const perDay = recent / Math.max(1, (now.getTime() - begin) / dayMs);
  const runs = used + Math.round((perDay * (end - now.getTime())) / dayMs);
  if (limit === null || used >= limit || runs < limit || perDay === 0) return { runs, reachedOn: null };
  const at = new Date(Math.min(end - 1, now.getTime() + ((limit - used) / perDay) * dayMs));
  return { runs, reachedOn: at.toISOString().slice(0, 10) };
}
