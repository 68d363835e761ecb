"use client";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { page } from "./page";
import { Unsaved } from "./registry";

const Place = createContext<Unsaved>(page);

/** A place of its own within the one around it, such as a dialog: what is typed in it can be asked about apart. */
export function useOwnPlace(): Unsaved {
  const parent = use(Place);
  const [own] = useState(() => new Unsaved({ parent }));
  useEffect(() => parent.include(() => own.isUnsaved), [parent, own]);
  return own;
}

/** Forms and editors in `children` belong to the place. */
export function UnsavedPlace({ place, children }: { place: Unsaved; children: ReactNode }) {
  return <Place value={place}>{children}</Place>;
}

/** The place around: a dialog, else the page. */
export const usePlace = (): Unsaved => use(Place);

/** For a text that is no field of a form: true while leaving would lose it. */
export function useUnsaved(isUnsaved: boolean): void {
  const place = usePlace();
  useEffect(() => {
    if (!isUnsaved) return;
    place.touch();
    return place.include(() => true);
  }, [place, isUnsaved]);
}
