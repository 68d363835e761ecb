"use client";
import { CopyButton } from "@/components/ui/copy-button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { commands } from "./commands";
import { type CopiedRequest, languages } from "./request";

/** A request as each language says it, to be copied. */
export function CommandTabs({ request }: { request: CopiedRequest }) {
  return (
    <Tabs defaultValue="curl" className="min-w-0 overflow-hidden rounded-md border bg-muted/60">
      <TabsList aria-label="In which language" className="px-2">
        {languages.map((language) => (
          <TabsTrigger key={language} value={language}>
            {commands[language].name}
          </TabsTrigger>
        ))}
      </TabsList>
      {languages.map((language) => {
        const { name, say } = commands[language];
        const said = say(request);
        const line = language === "curl" ? "the curl line" : `the ${name} lines`;
        return (
          <TabsContent key={language} value={language} className="relative pt-0">
            <CopyButton
              text={said}
              label={`Copy ${line}`}
              done={`Copied ${line}`}
              size="sm"
              className="absolute top-2 right-2 max-sm:static max-sm:mx-2 max-sm:mt-2"
            >
              Copy
            </CopyButton>
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard
              tabIndex={0}
              className="max-h-64 overflow-auto px-4 py-3.5 font-mono sm:pr-24 text-[12.5px] leading-6 focus-visible:-outline-offset-2"
            >
              {said}
            </pre>
          </TabsContent>
        );
      })}
    </Tabs>
  );
}
