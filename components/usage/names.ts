const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** `2026-11` → "November 2026". */
export function monthName(month: string): string {
  const [year, number] = month.split("-");
  return `${months[Number(number) - 1] ?? ""} ${year}`;
}
