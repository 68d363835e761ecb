"use client";
import Link from "next/link";
import { Section } from "@/components/account/section";
import { api } from "@/components/api";
import { RuleForm } from "@/components/notices/rule-form";
import type { WorkflowNames } from "@/components/notices/words";
import type { NoticeRule } from "@/lib/domain/notice/rules/types";

type Props = { projectId: string; rule: NoticeRule; workflows: WorkflowNames; canChange: boolean };

/** What the reader hears of the project: theirs to choose, whatever their role. */
export function NoticesSection({ projectId, rule, workflows, canChange }: Props) {
  return (
    <Section
      id="hear"
      title="What you hear"
      description={
        <>
          Mails about this project, to you alone. Your time zone and quiet hours are{" "}
          <Link href="/account#notices" className="underline underline-offset-2">
            in your account
          </Link>
          , and{" "}
          <Link href={`/p/${projectId}/notices`} className="underline underline-offset-2">
            what you were told
          </Link>{" "}
          is listed.
        </>
      }
    >
      <RuleForm
        rule={rule}
        workflows={workflows}
        hasZone={false}
        canChange={canChange}
        send={({ timeZone: _, ...body }) =>
          api("PATCH /api/projects/[project]/notice-rules/mine", { params: { project: projectId }, body })
        }
      />
    </Section>
  );
}
