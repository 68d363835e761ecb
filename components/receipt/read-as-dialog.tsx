"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import type { MessageDetail } from "@/lib/domain/message/types";
import { type ChosenFormat, chosenFormats } from "@/lib/words";

const asFound = "as-found";

const formatWords: Record<ChosenFormat, string> = {
  json: "JSON",
  form: "Form",
  multipart: "Multipart form",
  xml: "XML",
  text: "Text",
  binary: "Bytes (base64)",
};

/** Those that senders use; the API takes every name of the Encoding standard. */
const charsets = [
  ["utf-8", "UTF-8"],
  ["windows-1252", "windows-1252, ISO-8859-1 (Western)"],
  ["utf-16le", "UTF-16LE"],
  ["utf-16be", "UTF-16BE"],
  ["windows-1250", "windows-1250 (Central European)"],
  ["iso-8859-2", "ISO-8859-2 (Central European)"],
  ["iso-8859-15", "ISO-8859-15 (Western, with €)"],
  ["windows-1251", "windows-1251 (Cyrillic)"],
  ["koi8-r", "KOI8-R (Cyrillic)"],
  ["windows-1253", "windows-1253 (Greek)"],
  ["windows-1254", "windows-1254 (Turkish)"],
  ["windows-1256", "windows-1256 (Arabic)"],
  ["windows-1258", "windows-1258 (Vietnamese)"],
  ["windows-874", "windows-874 (Thai)"],
  ["shift_jis", "Shift_JIS"],
  ["euc-jp", "EUC-JP"],
  ["gb18030", "GB18030, GBK"],
  ["big5", "Big5"],
  ["euc-kr", "EUC-KR"],
] as const;

export type ReadAsDialogProps = {
  message: MessageDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onSent: (messageId: string) => void;
};

/** The same bytes read in another way, as a new message. */
export function ReadAsDialog({ message, open, onOpenChange, onSent }: ReadAsDialogProps) {
  const [format, setFormat] = useState<string>(asFound);
  const [charset, setCharset] = useState<string>(asFound);
  const send = useMutation({
    mutationFn: () => {
      const chosen = chosenFormats.find((known) => known === format);
      return api("POST /api/projects/[project]/messages/[id]/read-as", {
        params: { project: message.projectId, id: message.id },
        body: { ...(chosen ? { format: chosen } : {}), ...(charset === asFound ? {} : { charset }) },
      });
    },
    onSuccess: (result) => onSent(result.messageId),
  });
  const error = send.error instanceof ApiError ? send.error.message : null;
  const hasCharset = format !== "binary";
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        title="Read as …"
        description="Processes the same bytes as a new message, read in the way that you choose. The original stays as it is."
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send.mutate();
          }}
          className="grid gap-4"
        >
          <Field label="Format">
            <Choice
              value={format}
              onChange={setFormat}
              options={chosenFormats.map((one) => [one, formatWords[one]])}
            />
          </Field>
          {hasCharset ? (
            <Field label="Charset">
              <Choice value={charset} onChange={setCharset} options={charsets} />
            </Field>
          ) : null}
          <FormError>{error}</FormError>
          <DialogFooter className="mt-0">
            <Button variant="outline" onClick={() => onOpenChange(false)}>
              Cancel
            </Button>
            <Button type="submit" disabled={send.isPending || (format === asFound && charset === asFound)}>
              {send.isPending ? "Processing…" : "Process as a new message"}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

type ChoiceProps = {
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [value: string, words: string])[];
};

function Choice({ value, onChange, options }: ChoiceProps) {
  return (
    <Select value={value} onValueChange={onChange}>
      <SelectTrigger className="w-full">
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        <SelectItem value={asFound}>As it was found</SelectItem>
        {options.map(([one, words]) => (
          <SelectItem key={one} value={one}>
            {words}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
