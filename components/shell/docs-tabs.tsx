"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/cn";

const docs = [
  { href: "/docs/api", label: "API" },
  { href: "/docs/states", label: "States" },
  { href: "/docs/git", label: "Git" },
];

/** The documentation's pages as a row. */
export function DocsTabs({ className }: { className?: string }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Documentation" className={cn("flex items-stretch", className)}>
      {docs.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          aria-current={pathname === href ? "page" : undefined}
          className="relative flex items-center whitespace-nowrap px-2.5 font-medium text-[13px] text-muted-foreground hover:text-foreground focus-visible:-outline-offset-4 aria-[current]:text-foreground aria-[current]:after:absolute aria-[current]:after:inset-x-2.5 aria-[current]:after:bottom-0 aria-[current]:after:h-0.5 aria-[current]:after:bg-accent"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
