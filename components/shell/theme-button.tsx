import { Moon, Sun } from "lucide-react";
import { Button, type ButtonProps } from "@/components/ui/button";

/** What opens the choice of a theme. */
export const ThemeButton = (props: ButtonProps) => (
  <Button variant="ghost" size="icon" aria-label="Theme" aria-haspopup="menu" {...props}>
    <Sun aria-hidden className="dark:hidden" />
    <Moon aria-hidden className="hidden dark:block" />
  </Button>
);
