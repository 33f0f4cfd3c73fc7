// Moments in words; all of them UTC, as in Stripe's API.

const FORMATS = {
  day: { day: "numeric", month: "short" },
  date: { day: "numeric", month: "short", year: "numeric" },
  hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  whole: { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
const made = Object.fromEntries(
  Object.entries(FORMATS).map(([name, format]) => [name, new Intl.DateTimeFormat("en-GB", { ...format, timeZone: "UTC" })]),
);

/** Unix seconds as text: `day`, `date`, `hour`, `clock` or `whole`. */
export const moment = (seconds, format) => made[format].format(new Date(seconds * 1000));

/** "3 days ahead of real time"; nothing for less than two seconds. */
export function distance(seconds) {
  const size = Math.abs(seconds);
  if (size < 2) return "real time";
  const [unit, length] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, length]) => size >= length);
  const count = Math.round(size / length);
  return `${count} ${unit}${count === 1 ? "" : "s"} ${seconds > 0 ? "ahead of" : "behind"} real time`;
}
