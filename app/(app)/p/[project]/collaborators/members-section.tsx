"use client";
import { MoreHorizontal } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type GivenRole, RoleSelect } from "@/components/account/role-select";
import { Row, Section } from "@/components/account/section";
import { api } from "@/components/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useApi } from "@/components/use-api";
import type { MemberSummary } from "@/lib/domain/member/list";
import type { Role } from "@/lib/words";

type Props = {
  project: { id: string; name: string };
  members: MemberSummary[];
  myId: string;
  canManage: boolean;
  canTransfer: boolean;
};

const order: Role[] = ["owner", "admin", "editor", "viewer"];

export function MembersSection({ project, members, myId, canManage, canTransfer }: Props) {
  const sorted = members.toSorted((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  return (
    <Section title="Members" flush>
      <ul>
        {sorted.map((member) => (
          <Member
            key={member.id}
            project={project}
            member={member}
            isMe={member.id === myId}
            canManage={canManage}
            canTransfer={canTransfer}
          />
        ))}
      </ul>
    </Section>
  );
}

type MemberProps = Omit<Props, "members" | "myId"> & { member: MemberSummary; isMe: boolean };

function Member({ project, member, isMe, canManage, canTransfer }: MemberProps) {
  const name = member.name ?? member.email;
  const changeRole = useApi({
    send: (role: GivenRole) =>
      api("PATCH /api/projects/[project]/members/[user]", {
        params: { project: project.id, user: member.id },
        body: { role },
      }),
    message: `${name} has another role now.`,
  });
  const isFixed = member.role === "owner" || !canManage || isMe;
  return (
    <Row
      actions={
        <>
          {isFixed ? (
            <Badge>{member.role}</Badge>
          ) : (
            <RoleSelect
              label={`Role of ${name}`}
              value={member.role}
              onChange={(role) => changeRole.mutate(role)}
              disabled={changeRole.isPending}
            />
          )}
          <MemberMenu {...{ project, member, name, isMe, canManage, canTransfer }} />
        </>
      }
    >
      <span className="truncate font-medium">
        {name} {isMe ? <span className="font-normal text-muted-foreground">(you)</span> : null}
      </span>
      {member.name ? <span className="truncate text-muted-foreground text-xs">{member.email}</span> : null}
    </Row>
  );
}

type Asked = "remove" | "transfer" | "leave" | null;

function MemberMenu(props: MemberProps & { name: string }) {
  const { project, member, name, isMe, canManage, canTransfer } = props;
  const router = useRouter();
  const [asked, setAsked] = useState<Asked>(null);
  const remove = useApi({
    send: () =>
      api("DELETE /api/projects/[project]/members/[user]", {
        params: { project: project.id, user: member.id },
      }),
    message: `${name} is no longer a collaborator.`,
  });
  const transfer = useApi({
    send: () =>
      api("PUT /api/projects/[project]/owner", {
        params: { project: project.id },
        body: { userId: member.id },
      }),
    message: `${name} owns the project now. You are an admin.`,
  });
  const leave = useApi({
    send: () => api("POST /api/projects/[project]/leave", { params: { project: project.id } }),
    message: `You left ${project.name}.`,
    done: () => router.push("/projects"),
  });
  const canRemove = canManage && !isMe && member.role !== "owner";
  const canHandOver = canTransfer && !isMe;
  const canLeave = isMe && member.role !== "owner";
  if (!canRemove && !canHandOver && !canLeave) return null;
  const questions = {
    remove: {
      title: `Remove ${name}?`,
      description:
        "They lose access at once, and the credentials they shared with this project are taken out of it.",
      action: "Remove",
      onConfirm: () => remove.mutate(undefined),
    },
    transfer: {
      title: `Hand ${project.name} over to ${name}?`,
      description: "They become the owner, you become an admin. Only they can give it back.",
      action: "Hand over",
      onConfirm: () => transfer.mutate(undefined),
    },
    leave: {
      title: `Leave ${project.name}?`,
      description:
        "You lose access at once, and the credentials you shared with this project are taken out of it.",
      action: "Leave",
      onConfirm: () => leave.mutate(undefined),
    },
  };
  const question = asked ? questions[asked] : null;
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon-sm" aria-label={`More about ${name}`}>
            <MoreHorizontal aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          {canHandOver ? (
            <DropdownMenuItem onSelect={() => setAsked("transfer")}>Hand project over</DropdownMenuItem>
          ) : null}
          {canRemove ? <DropdownMenuItem onSelect={() => setAsked("remove")}>Remove</DropdownMenuItem> : null}
          {canLeave ? (
            <DropdownMenuItem onSelect={() => setAsked("leave")}>Leave project</DropdownMenuItem>
          ) : null}
        </DropdownMenuContent>
      </DropdownMenu>
      {question ? (
        <Confirm
          {...question}
          destructive
          open
          onOpenChange={(open) => (open ? undefined : setAsked(null))}
        />
      ) : null}
    </>
  );
}
