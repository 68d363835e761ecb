/** Asks the person at the screen to show to be there; true when that has happened. `does`: what for, after "to". */
export type Ask = (does: string) => Promise<boolean>;

let ask: Ask | undefined;

/** The dialog that asks, while it is on the page. */
export function setAsker(asker: Ask | undefined): void {
  ask = asker;
}

/** Several calls that are refused at once share one question. */
let asking: Promise<boolean> | undefined;

/** Asks, where there is a dialog to do it; false otherwise, and when the person does not want to. */
export function askToReauthenticate(does: string): Promise<boolean> {
  if (!ask) return Promise.resolve(false);
  asking ??= ask(does).finally(() => {
    asking = undefined;
  });
  return asking;
}
