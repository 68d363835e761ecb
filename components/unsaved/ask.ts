/** Asks whether what is typed may be lost; `leave` is done when it may. */
type Asker = (leave: () => void) => void;

let asker: Asker | undefined;

/** The dialog that asks, while it is on the page. */
export function setLeaveAsker(ask: Asker | undefined): void {
  asker = ask;
}

/** Asks, where there is a dialog to do it, and leaves otherwise. */
export function askToLeave(leave: () => void): void {
  if (asker) asker(leave);
  else leave();
}
