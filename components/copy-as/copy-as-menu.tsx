"use client";
import { useQuery } from "@tanstack/react-query";
import { Clipboard } from "lucide-react";
import { useState } from "react";
import { api, apiPath, getBytes } from "@/components/api";
import { Button } from "@/components/ui/button";
import { copyText } from "@/components/ui/copy-button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { toast } from "@/components/ui/toast";
import type { MessageDetail } from "@/lib/domain/message/types";
import { commands } from "./commands";
import { requestOfMessage } from "./from-message";
import { proofAt } from "./proof";
import { type CopiedRequest, type Language, languages } from "./request";

type Props = { message: MessageDetail; origin: string; inboxUrl: string };

/** The message as a command that sends it again, to the byte, from elsewhere. */
export function CopyAsMenu(props: Props) {
  const [isOpen, setOpen] = useState(false);
  const { data: request, error } = useRequest(props, isOpen);
  const copy = async (language: Language) => {
    if (!request) return;
    const { name, say } = commands[language];
    if (!(await copyText(say(request))))
      return toast.error("The browser refused to copy. Download the message instead.");
    const isFile = request.body !== null && "file" in request.body;
    toast.success(
      isFile ? `Copied as ${name}. It reads the message's file: download that, too.` : `Copied as ${name}`,
    );
  };
  return (
    <DropdownMenu open={isOpen} onOpenChange={setOpen}>
      <DropdownMenuTrigger asChild>
        <Button size="sm" variant="outline">
          <Clipboard aria-hidden /> Copy as
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {error ? (
          <DropdownMenuItem disabled>{error.message}</DropdownMenuItem>
        ) : (
          languages.map((language) => (
            <DropdownMenuItem key={language} disabled={!request} onSelect={() => void copy(language)}>
              {commands[language].name}
            </DropdownMenuItem>
          ))
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

/** The body's bytes, and what has to be proved at the URL, are asked for when the menu opens. */
function useRequest({ message, origin, inboxUrl }: Props, isWanted: boolean) {
  const { id, projectId, triggerId } = message;
  return useQuery({
    queryKey: ["copy-as", id],
    queryFn: async ({ signal }): Promise<CopiedRequest> => {
      const params = { project: projectId };
      const [bytes, methods] = await Promise.all([
        getBytes(apiPath("/api/projects/[project]/messages/[id]/body", { ...params, id }), signal),
        api("GET /api/projects/[project]/auth-methods", { params, query: { limit: 200 }, signal }),
      ]);
      const url = triggerId ? `${origin}/i/${triggerId}` : inboxUrl;
      return requestOfMessage(message, { url, proof: proofAt(methods.items, triggerId) }, bytes);
    },
    enabled: isWanted,
    retry: false,
  });
}
