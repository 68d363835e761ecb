"use client";
import { PageProblem, type PageProblemProps } from "@/components/shell/page-problem";

export default function ErrorPage(props: PageProblemProps) {
  return (
    <main className="px-5">
      <PageProblem {...props} />
    </main>
  );
}
