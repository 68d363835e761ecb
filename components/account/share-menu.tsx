"use client";
import { Share2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";

type Props = {
  mine: { id: string; name: string }[];
  onShare: (id: string) => void;
  isBusy: boolean;
  label?: string;
  isSmall?: boolean;
};

/** What is the reader's own, to be shared with a project. */
export function ShareMenu({ mine, onShare, isBusy, label = "Share one of yours", isSmall = false }: Props) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="outline" size={isSmall ? "sm" : "md"} disabled={isBusy}>
          <Share2 aria-hidden /> {label}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {mine.map(({ id, name }) => (
          <DropdownMenuItem key={id} onSelect={() => onShare(id)}>
            {name}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
