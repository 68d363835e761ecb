import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Metadata } from "next";
import type { ReactNode } from "react";
import { FileView } from "@/components/docs/file-view";
import { Prose } from "@/components/docs/prose";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = {
  title: "Git",
  description:
    "Keep a project in a repository: workflow files that deploy what is pushed and commit what was changed here.",
};

/** The files that tests run against a server, as they are. */
const file = (name: string) => readFile(path.join(process.cwd(), "lib/cli/git", name), "utf8");

export default async function GitPage() {
  const [script, github, gitlab] = await Promise.all(["waybill.sh", "github.yml", "gitlab.yml"].map(file));
  return (
    <div className="mx-auto grid max-w-[860px] gap-10">
      <div>
        <PageHeader
          title="Git"
          description="Keep a project in a repository: what is pushed is deployed, what was changed here is committed."
        />
        <Text>
          Any host of git can do it, because all of it is one script: `plan` says what a change would do,
          `deploy` joins what was changed here with what is pushed, deploys, and commits the result, `pull`
          commits what was changed here. Nobody's work is overwritten: where both have changed the same,
          `deploy` ends before anything is sent, and `waybill merge` on your own machine shows both in one
          place.
        </Text>
      </div>
      <Part id="begin" title="To begin">
        <ol className="grid max-w-prose list-decimal gap-2 pl-5 leading-relaxed">
          <li>
            <Prose text="Make a token for the repository in the project's settings, with the scopes `read` and `deploy`. It belongs to the project, so it stays when whoever made it leaves." />
          </li>
          <li>
            <Prose text="In the repository run `waybill pull <project id>`, or `waybill deploy` for a project that is only in the repository so far, and commit what that wrote: the spec, the code and the state file." />
          </li>
          <li>
            <Prose text="Put `waybill.sh` and the file of your host into the repository, and give the host the variables that are named at their tops. Nothing secret stands in the files." />
          </li>
        </ol>
      </Part>
      <Part id="script" title="The script">
        <Text>
          Every host runs these lines. Elsewhere than on GitHub and GitLab (Gitea, Jenkins, a clock of your
          own) call `sh waybill.sh deploy` when the main branch is pushed, `sh waybill.sh plan` for a proposed
          change, and `sh waybill.sh pull` now and then.
        </Text>
        <FileView name="waybill.sh" text={script ?? ""} />
      </Part>
      <Part id="github" title="GitHub Actions">
        <FileView name=".github/workflows/waybill.yml" text={github ?? ""} />
      </Part>
      <Part id="gitlab" title="GitLab CI">
        <FileView name=".gitlab-ci.yml" text={gitlab ?? ""} />
      </Part>
      <Part id="openfn" title="OpenFn's own command line">
        <Text>
          Repositories with the workflow files of OpenFn go on working: set `OPENFN_ENDPOINT` to the address
          of this Waybill, without a path, and `OPENFN_API_KEY` to the token. `openfn deploy -c config.json
          --no-confirm` and `openfn pull` speak to the same addresses.
        </Text>
      </Part>
    </div>
  );
}

function Part({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id} className="grid min-w-0 gap-4">
      <h2 id={id} className="font-semibold text-lg tracking-[-0.01em]">
        {title}
      </h2>
      {children}
    </section>
  );
}

const Text = ({ children }: { children: string }) => (
  <p className="max-w-prose leading-relaxed">
    <Prose text={children} />
  </p>
);
