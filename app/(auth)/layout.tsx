import type { ReactNode } from "react";
import { Entrance } from "@/components/account/entrance";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return <Entrance>{children}</Entrance>;
}
