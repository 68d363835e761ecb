/** Asks the person at the screen to sign in again; true when that has happened. */
type Ask = () => Promise<boolean>;

let ask: Ask | undefined;
let asking: Promise<boolean> | undefined;
/** What the page reads by itself asks once; what its person does asks whenever it is needed. */
let isDeclined = false;

/** The dialog that asks, while it is on the page. */
export function setSignInAsker(asker: Ask | undefined): void {
  ask = asker;
  isDeclined = false;
}

/** Asks, where there is a dialog to do it; false otherwise, and when the person does not want to. */
export function askToSignIn(isOwnAct: boolean): Promise<boolean> {
  if (!ask || (isDeclined && !isOwnAct)) return Promise.resolve(false);
  asking ??= ask().then((isDone) => {
    isDeclined = !isDone;
    asking = undefined;
    return isDone;
  });
  return asking;
}
