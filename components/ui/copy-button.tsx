"use client";
import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { toast } from "@/components/ui/toast";
import { Button, type ButtonProps } from "./button";

/** navigator.clipboard exists only on https and loopback; elsewhere a hidden textarea does it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

export type CopyButtonProps = Omit<ButtonProps, "value" | "onClick"> & {
  text: string;
  /** Accessible name: "Copy inbox URL". */
  label: string;
  /** Said when done. Default: "Copied". */
  done?: string;
  icon?: ReactNode;
  children?: ReactNode;
};

export function CopyButton({
  text,
  label,
  done = "Copied",
  icon,
  children,
  variant = "outline",
  size,
  ...props
}: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) {
      setCopied(true);
      toast.success(done);
    } else toast.error("The browser refused to copy. Select the text and copy it by hand.");
  };
  return (
    <Button
      aria-label={label}
      title={label}
      variant={variant}
      size={size ?? (children ? "md" : "icon")}
      onClick={copy}
      {...props}
    >
      {copied ? <Check aria-hidden /> : (icon ?? <Copy aria-hidden />)}
      {children}
    </Button>
  );
}
