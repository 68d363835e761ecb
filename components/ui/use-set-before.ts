import { type Ref, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { useHydrates } from "./use-hydrates";

type Control = HTMLInputElement | HTMLTextAreaElement;

/** React compares with what was assigned last; what the prototype's setter assigns goes past it. */
function typeAgain(field: Control): void {
  const { value, selectionStart, selectionEnd } = field;
  field.value = field.defaultValue;
  const proto =
    field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
  Reflect.set(proto, "value", value, field);
  if (selectionStart !== null) field.setSelectionRange(selectionStart, selectionEnd);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function chooseAgain(radio: HTMLInputElement): void {
  radio.checked = false;
  radio.click();
}

const lines = (text: string) => text.replace(/\r\n?/g, "\n");

/**
 * For a native control that the server renders: what somebody types or chooses, or a password manager fills in, before the
 * page listens counts: `onChange` is called with it. Hydration alone leaves it on the screen and tells nobody, so that what is
 * shown would not be what is sent.
 *
 * @param given whom the control is handed to, too
 * @returns the control's ref
 */
export function useSetBefore<Element extends Control>(given?: Ref<Element>) {
  const ref = useRef<Element>(null);
  useImperativeHandle(given, () => ref.current as Element, []);
  const hydrates = useHydrates();
  useLayoutEffect(() => {
    const control = ref.current;
    if (!hydrates || !control) return;
    if (control instanceof HTMLInputElement && control.type === "radio") {
      if (control.checked && !control.defaultChecked) chooseAgain(control);
    } else if (lines(control.value) !== lines(control.defaultValue)) typeAgain(control);
  }, [hydrates]);
  return ref;
}
