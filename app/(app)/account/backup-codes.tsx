"use client";
import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";

/** The codes while they are shown, which is once. */
export function BackupCodes({ codes }: { codes: string[] }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <div className="grid gap-3">
      <ul className="grid grid-cols-1 gap-x-6 gap-y-1 rounded-md border bg-muted/50 px-4 py-3 font-mono text-sm sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} label="Copy backup codes">
          Copy
        </CopyButton>
        <Button variant="outline" onClick={() => save(text)}>
          <Download aria-hidden /> Download
        </Button>
      </div>
    </div>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "waybill-backup-codes.txt";
  link.click();
  URL.revokeObjectURL(url);
}
