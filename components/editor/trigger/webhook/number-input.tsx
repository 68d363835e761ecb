"use client";
import { useState } from "react";
import { Input } from "@/components/ui/input";

type Props = { value: number | null; least: number; most: number; onChange: (value: number | null) => void };

/** A whole number, or none. What is no such number stays in the field, says so, and changes nothing. */
export function NumberInput({ value, least, most, onChange }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const isRight = (text: string) =>
    text === "" || (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most);
  const isWrong = typed !== null && !isRight(typed);
  return (
    <>
      <Input
        value={typed ?? (value === null ? "" : String(value))}
        inputMode="numeric"
        autoComplete="off"
        className="max-w-40"
        onChange={({ target }) => {
          setTyped(target.value);
          if (isRight(target.value)) onChange(target.value === "" ? null : Number(target.value));
        }}
        onBlur={() => isWrong || setTyped(null)}
      />
      {isWrong ? (
        <p role="alert" data-status="failed" className="text-(--status) text-xs">
          Type a whole number from {least.toLocaleString("en")} to {most.toLocaleString("en")}, or nothing.
        </p>
      ) : null}
    </>
  );
}
