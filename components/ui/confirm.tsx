"use client";
import { dialogParts } from "./dialog";
import type { ConfirmProps } from "./dialog-parts";
import { useLate } from "./late";
import { Awaited, ClickTrigger, useOverlay } from "./overlay";

/** Asks before something that cannot be taken back. */
export function Confirm({ trigger, ...props }: ConfirmProps) {
  const overlay = useOverlay(props);
  const giveUp = () => overlay.setOpen(false);
  const parts = useLate(dialogParts, overlay.isOpen, giveUp);
  return (
    <>
      {trigger ? (
        <ClickTrigger asChild overlay={overlay} opens={dialogParts} popup="dialog">
          {trigger}
        </ClickTrigger>
      ) : null}
      {parts ? (
        <parts.ConfirmBox {...props} overlay={overlay} />
      ) : overlay.isOpen ? (
        <Awaited onGiveUp={giveUp} />
      ) : null}
    </>
  );
}
