// @ts-check

/**
 * Every sentence of the three seeds, in order, and the tests that show it: what asks for something has one, or says which
 * issue will build it. `npm test` counts (lib/launcher/test.mjs) and fails for one whose tests did not pass.
 *
 * @typedef {string[]} Shown tests as "file > part of the name"
 * @typedef {string} Nothing why the sentence asks for nothing
 * @typedef {{ open: number }} Open the issue that is to build it
 * @typedef {[says: string, shown: Shown | Nothing | Open]} Sentence its id is its document's name and its number, from 1
 */

/** @type {Record<"concepts" | "portability" | "statuses", Sentence[]>} */
export const seeds = {
  concepts: [
    ["Skip to main content Version:", "navigation"],
    ["Platform (v1)", "a heading"],
    ["OpenFn Concepts", "a heading"],
    [
      "All across the OpenFn Integration Toolkit, the iPaaS, and this documentation site you'll find some OpenFn-specific terminology that's important to understand.",
      "says what the document is for",
    ],
    [
      "This page is your reference guide—a glossary of the most important OpenFn-specific words and what they mean.",
      "says what the document is for",
    ],
    ["Keep In Mind", "a heading"],
    [
      "As you read about the terms below, remember that in order to make OpenFn perform some sort of data integration work you'll always need to specify:",
      ["lib/domain/workflow/save.db.test.ts > creates graph, snapshot, version and audit event together"],
    ],
    [
      "• What to do (e.g., update patient data in some system)",
      ["lib/execution/execute-run.db.test.ts > referral succeeds, payment fails"],
    ],
    [
      "• When to do it (e.g., at 7am every day)",
      ["lib/execution/execute-run.db.test.ts > a due trigger fires once"],
    ],
    [
      "• and How to log in (e.g., go to and use abc123 as the security token)",
      ["lib/execution/credential-load.db.test.ts > the runner is told which credential it is"],
    ],
    ["With this in mind, let's check out the key terms.", "says what the document is for"],
    [
      "Please note that if you're looking for a glossary for generic terms used in data-integration (rather than this OpenFn-specific stuff) head over to the Glossary for Integration page in the Design section.",
      "points at another document",
    ],
    ["Otherwise, read on!", "says what the document is for"],
    [
      "A project is an administrative grouping in OpenFn.",
      ["lib/domain/project/project.db.test.ts > shows the caller's projects with role and counts"],
    ],
    [
      "In OpenFn/microservice, it corresponds to a project.yaml file.",
      ["lib/domain/project/import.db.test.ts > imports the seed's project whole"],
    ],
    [
      "On the platform, it's got an owner, a billing plan, and a bunch of collaborators—different users that have been granted access to the project.",
      [
        "lib/domain/project/project.db.test.ts > makes its creator the one owner",
        "lib/domain/member/member.db.test.ts > shows this project's members only",
        "lib/queue/plan.db.test.ts > answers 200 with too_many_runs, keeps the message",
      ],
    ],
    [
      "In either case, a project contains jobs, triggers, credentials, and everything you need to run an integration with OpenFn.",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    ['Jobs are the "what to do" part of automation!', "a heading"],
    [
      "OpenFn automation centers around jobs, which define the specific series of operations (i.e., tasks) that OpenFn should perform.",
      ["lib/workflow/recorded-results.test.ts > OpenFn's recorded runs"],
    ],
    [
      "Jobs can be executed at certain times, when message arrive from outside systems, or when other jobs succeed or fail.",
      [
        "lib/execution/execute-run.db.test.ts > a due trigger fires once",
        "lib/inbox/accept.db.test.ts > messages are matched by containment",
        "lib/execution/following.db.test.ts > starts its workflow when the job has succeeded",
        "lib/execution/following.db.test.ts > starts its workflow when the job has failed",
      ],
    ],
    [
      "Think of jobs as a set of instructions you might give a data entry staff member (e.g., Please create a new Patient record in OpenMRS when a form containing a newly registered client is received from CommCare, export data to DHIS2 every week on Friday 11pm, send SMS with payment confirmation number when payment confirmation message is received etc.).",
      ["lib/domain/project/sample.system.test.ts > refer and pay for the sample message"],
    ],
    ["Jobs are Reusable", "a heading"],
    [
      "Jobs are fully configurable and reusable.",
      [
        "lib/domain/library/library.db.test.ts > gives a job its code and adaptor",
        "lib/domain/library/library.db.test.ts > is taken over by chosen workflows with it, or by all afterwards",
      ],
    ],
    [
      "They can also be chained together to create multi-step automation flows, two-way syncs, and to keep data consistent between multiple applications (using multi-app Saga patterns).",
      [
        "lib/execution/execute-run.db.test.ts > a failure's catch job starts",
        "lib/domain/project/sample.system.test.ts > fail while the practice destination is closed and succeed when it is open again",
        "lib/execution/following.db.test.ts > leads on to a third workflow",
      ],
    ],
    ["You can read more on two-way syncing below.", "points at another document"],
    [
      "OpenFn adaptors are open-source modules that provide your jobs with the features they need to communicate with a particular system's API.",
      ["lib/runner/step/step.system.test.ts > a request of the http adaptor goes through the broker"],
    ],
    [
      "Some examples are language-dhis2, language-commcare, language-salesforce, language-postgresql, etc.",
      ["lib/domain/adaptor/adaptor.db.test.ts > show versions newest first"],
    ],
    [
      "There are more than 50 active adaptors at the moment, and anyone is free to build or enhance them.",
      ["lib/domain/workflow/adaptors.db.test.ts > passes on the runner"],
    ],
    [
      "An operation is the sub-task inside a job.",
      ["lib/runner/step/errors.test.ts > has the place in the source and the operation that ran"],
    ],
    [
      "For example, a job for loading data to DHIS2 might include 3 separate operations:",
      ["lib/workflow/recorded-results.test.ts > OpenFn's recorded runs"],
    ],
    ['1. Create a new "program".', "a number of a list"],
    ['2. Create many new "tracked entity instances".', "a number of a list"],
    ["3. Enroll those tracked entity instances in the program.", "a number of a list"],
    ['Triggers are the "when to do it" part of automation!', "a heading"],
    [
      "A trigger determines when to run a job automatically.",
      ["lib/inbox/accept.db.test.ts > a POST is committed with work order, run and outbox row"],
    ],
    [
      "A trigger could be set up to run a job when a message arrives (this is known as a message filter trigger), on a cron schedule (a cron trigger) or based on the success or failure of another job(a flow or catch trigger).",
      [
        "lib/inbox/accept.db.test.ts > messages are matched by containment",
        "lib/execution/execute-run.db.test.ts > a due trigger fires once",
        "lib/execution/following.db.test.ts > starts its workflow when the job has succeeded",
        "lib/execution/following.db.test.ts > starts its workflow when the job has failed",
      ],
    ],
    [
      'A simple cron trigger might specify to run a job at "7am every weekday".',
      [
        "lib/domain/workflow/save.db.test.ts > says when a cron trigger fires next",
        "lib/execution/clock.db.test.ts > in a time zone fires by its clock",
      ],
    ],
    ['Credentials are the "How to log in" part of automation!', "a heading"],
    [
      "A credential is used to log in to a destination system (e.g., Salesforce username, password & login URL) so that a job can run.",
      ["lib/execution/credential-load.db.test.ts > the runner is told which credential it is"],
    ],
    [
      "Via OpenFn's security model, they are separated from the jobs themselves to ensure that stored usernames and passwords (which are all encrypted) do not get leaked or accessed by the wrong people.",
      [
        "lib/domain/credential/credential.db.test.ts > is encrypted at rest and in no audit event",
        "lib/domain/credential/credential.db.test.ts > shows its secret to its owner only",
      ],
    ],
    [
      "A message is a chunk of data that's been received by your inbox.",
      ["lib/domain/message/get.db.test.ts > holds what arrived: path, query, headers, bytes"],
    ],
    [
      "(Technically, it's an HTTP request.) It might trigger a job run, and it contains the body and headers of the HTTP request that was made to your inbox.",
      [
        "lib/inbox/accept.db.test.ts > a POST is committed with work order, run and outbox row",
        "lib/inbox/accept.db.test.ts > what matches nothing is kept",
      ],
    ],
    [
      "Your project's inbox contains all of the messages that have been sent to your project.",
      ["lib/domain/message/list.db.test.ts > each row once and none left out"],
    ],
    [
      "Messages are stored payloads or data (e.g., an incoming SMS, a submitted CommCare form) that were sent via HTTP post to your inbox.",
      ["lib/inbox/accept.db.test.ts > what matches nothing is kept"],
    ],
    ["Inbox URL", "a heading"],
    [
      'Click the link icon in the top right of the "Inbox" page to copy your inbox URL.',
      ["e2e/story.spec.ts > a form comes in, a broken destination is seen"],
    ],
    ["You can then use this URL to send data to OpenFn.", ["e2e/story.spec.ts > a form comes in"]],
    [
      "A run is each individual execution of a job.",
      ["lib/domain/run/list.db.test.ts > which workflow, which message, how it ended"],
    ],
    [
      "Imagine that a job is configured to create a new patient in OpenMRS whenever a case is opened in CommCare.",
      "an example; the next two sentences say what is seen",
    ],
    [
      "Over the next week, if 5 cases are opened in CommCare, you’ll see 5 different runs of this one job.",
      ["lib/inbox/accept.db.test.ts > messages are matched by containment"],
    ],
    [
      "If 4 runs are successful and one has failed, you’ll see 4 new patients in OpenMRS, and your system administrator will have been notified that one of those patients couldn’t be created (or whatever more robust error-handling you’ve set up will take place.)",
      [
        "lib/domain/notice/told.db.test.ts > four runs succeed and one fails: the owner and admins have been notified",
      ],
    ],
    [
      "Runs have start times, end times, logs and exit codes that indicate when they took place, what they did, and whether or not they succeeded.",
      [
        "lib/domain/run/list.db.test.ts > which workflow, which message, how it ended",
        "lib/domain/run/logs.db.test.ts > is whole and in order",
        "lib/workflow/exit-code.test.ts > a run of a job has an exit code",
      ],
    ],
    [
      "There’s not always a 1-to-1 mapping between runs and the real-world things you’re working with.",
      "explains; the next sentences say what is seen",
    ],
    [
      "I might define a job that gets all updated event data from DHIS2 for the last 2 weeks and publishes it to a public map using CartoDB.",
      "an example; the next sentence says what is seen",
    ],
    [
      "This job will be triggered at specified time intervals, every 2 weeks in this case, and after a month, we’ll only see 2 runs in OpenFn (that’s one run every two weeks).",
      ["lib/execution/execute-run.db.test.ts > a due trigger fires once"],
    ],
    [
      "Each run will have succeeded or failed, and each one might have processed thousands of events from DHIS2.",
      ["lib/execution/execute-run.db.test.ts > referral succeeds, payment fails"],
    ],
    ["Activity History", "a heading"],
    [
      "On the platform, the Activity History section provides a list of all of the runs that have taken place in a project.",
      ["lib/domain/run/list.db.test.ts > each row once and none left out"],
    ],
    ['("Activity History" is to "Run" and "Inbox" is to "Message".)', "names"],
    [
      'Given the many-to-one relationship between runs and messages, OpenFn provides an interface for viewing a messages "job-state".',
      ["e2e/seed.spec.ts > referral succeeds, payment fails and succeeds when rerun"],
    ],
    [
      "This is a calculation that can be useful for organizations that need to understand if a given message has eventually been handled successfully.",
      ["lib/execution/execute-run.db.test.ts > the inbox filters by state and job"],
    ],
    [
      'A job state is defined as the result ("success", "failure", or "in progress") of the last run (ordered by the time it was finished, rather than when it was inserted into the runs table) for a given message-job combination.',
      [
        "lib/execution/execute-run.db.test.ts > an older execution that finishes later decides",
        "lib/workflow/job-state.test.ts > orders by the time of finishing, not of starting",
      ],
    ],
    [
      "If two runs for the same message-job combination finished at the same time, it's ordered by their start time, and then finally by their primary key.",
      [
        "lib/workflow/job-state.test.ts > orders equal finishes by start, and equal starts by id",
        "lib/workflow/job-state.db.test.ts > orders finished executions in SQL exactly as in memory, ties included",
      ],
    ],
    [
      "In reality, since the same message-job combination can only be used to create a run once every 10 seconds, this will almost never occur.",
      [
        "lib/execution/execute-run.db.test.ts > the same message and job start at most once in 10 seconds",
        "lib/domain/run/again.db.test.ts > is refused within ten seconds of the last start",
      ],
    ],
    ["A Job state example", "a heading"],
    [
      "Consider a message which should trigger both a case referral job and a payment job.",
      ["e2e/seed.spec.ts > referral succeeds, payment fails and succeeds when rerun"],
    ],
    [
      "Two runs will get created when the message arrives, with the referral succeeding and the payment failing.",
      ["lib/execution/execute-run.db.test.ts > referral succeeds, payment fails"],
    ],
    [
      'Navigating to the inbox, you\'d see two "job-states" for that single message:',
      ["e2e/seed.spec.ts > referral succeeds, payment fails and succeeds when rerun"],
    ],
    ["1. Referral (success - run 1)", "a number of a list"],
    ["2. Payment (failure - run 2)", "a number of a list"],
    [
      "If an administrator then made some sort of change, re-ran the failed payment job for that message, and this third run succeeded, you'd still only see 2 \"job-states\" in the inbox, but they'd both be successful:",
      ["e2e/seed.spec.ts > referral succeeds, payment fails and succeeds when rerun"],
    ],
    ["1. Referral (success - run 1)", "a number of a list"],
    ["2. Payment (success - run 3)", "a number of a list"],
    [
      "Browsing to the receipt inspector would show all three runs for this single message.",
      [
        "e2e/seed.spec.ts > referral succeeds, payment fails and succeeds when rerun",
        "lib/workflow/job-state.test.ts > shows the seed's referral and payment: two states for three runs",
      ],
    ],
  ],
  portability: [
    ["Skip to main content Version: v2 ⚡", "navigation"],
    [
      'The portability specification allows for the representations of entire workflow projects "as code", lets user move between various deployment pathways (cloud, local, DIY, etc.) and proposes a globally-applicable way of specifying workflow automation and systems integration that might be applied across workflow-engines/integration platforms across the sector.',
      [
        "lib/cli/story.system.test.ts > a new project is deployed",
        "lib/cli/story.system.test.ts > the project is pulled elsewhere, and there is nothing to deploy there",
        "lib/cli/story.system.test.ts > the project is ported to a second instance, where it has ids of its own",
      ],
    ],
    [
      "Nothing about the spec must be specific to OpenFn or any one of our individual products.",
      "says what the format is to be",
    ],
    [
      "We envision a future in which software built with Lightning, the OpenFn Integration Toolkit, and entirely new and different integration/workflow tools can adopt this specification.",
      "says what the document is for",
    ],
    [
      "If you're interested in contributing to the specification, reach out to OpenFn via the community forum, write to us, or suggest changes by submitting a pull request here.",
      "says what the document is for",
    ],
    ['Projects "as code"', "a heading"],
    [
      "Entire projects (groups of workflows with their associated triggers, edges, credentials and jobs) can be represented as code.",
      [
        "lib/portability/parse.test.ts > imports whole and is sound",
        "lib/portability/round-trip.test.ts > loses nothing",
      ],
    ],
    [
      "This improves the OpenFn developer experience by (a) allowing workflows to be built and tested locally; (b) enabling project version control and an audit trail of project changes; and (c) allowing users to port existing projects between different instances (i.e., deployments) of Lightning.",
      [
        "lib/cli/local/local.system.test.ts > runs a job of the project here",
        "lib/cli/story.system.test.ts > what was changed in the browser comes as exactly that change",
        "lib/cli/story.system.test.ts > the project is ported to a second instance, where it has ids of its own",
      ],
    ],
    ["Directory structure", "a heading"],
    [
      "Many users keep OpenFn projects in git repositories, and this is a common structure:",
      ["lib/cli/story.system.test.ts > a new project is deployed"],
    ],
    [
      "├── workflow-a/ │ ├── job-1.js │ ├── job-2.js │ └── job-3.js ├── workflow-b/ │ └── job-4.js ├── project.yaml ├── projectState.json └── config.json Directory Structure",
      [
        "lib/cli/story.system.test.ts > a new project is deployed",
        "lib/cli/config.test.ts > takes projectState.json for the state",
      ],
    ],
    [
      "There are commonly used 3 directory structure for OpenFn projects namely: standard, production & test, and monorepo.",
      [
        "lib/cli/story.system.test.ts > a new project is deployed",
        "lib/portability/formats/open.test.ts > asks which one, and reads that",
      ],
    ],
    [
      "To learn more, please see the OpenFn GitHub configuration documentation.",
      "points at another document",
    ],
    ["The project spec", "a heading"],
    [
      'The project specification (or "spec") is often saved as a project.yaml file.',
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    [
      "While most of the spec is written inline, many developers prefer to track their job bodies in separate .js files and they then reference them with a relative path.",
      ["lib/portability/parse.test.ts > takes the bodies that are paths from the files beside it"],
    ],
    [
      "name: openhie-project description: Some sample name: OpenHIE Workflow name: FHIR-standard-Data-with-change adaptor: '@openfn/language-http@latest' enabled: true credential: null path: ./jobs/my-fancy-script.js",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    [
      "name: Send-to-OpenHIM-to-route-to-SHR adaptor: '@openfn/language-http@latest' enabled: true body: | fn(state => { console.log(\"hello github integration\") return state",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    [
      "name: Notify-CHW-upload-successful adaptor: '@openfn/language-http@latest' enabled: true credential: null body: fn(state => state);",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    [
      "name: Notify-CHW-upload-failed adaptor: '@openfn/language-http@latest' enabled: true credential: null path: ./jobs/notify-failure.js",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    [
      "type: webhook source_trigger: webhook target_job: FHIR-standard-Data-with-change condition: always source_job: FHIR-standard-Data-with-change target_job: Send-to-OpenHIM-to-route-to-SHR condition: on_job_success source_job: Send-to-OpenHIM-to-route-to-SHR target_job: Notify-CHW-upload-successful condition: on_job_success source_job: Send-to-OpenHIM-to-route-to-SHR target_job: Notify-CHW-upload-failed condition: on_job_failure",
      [
        "lib/portability/parse.test.ts > imports whole and is sound",
        "lib/portability/parse.test.ts > prefers condition_type to the old condition",
      ],
    ],
    ["In this spec, you can see the different ways of defining a job's body:", "leads to the two below"],
    ["1. Inline body:", "a heading"],
    [
      "Used in the FHIR-standard-Data-with-change and Send-to-OpenHIM-to-route-to-SHR jobs.",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    [
      "The body is directly written in the YAML file.",
      ["lib/portability/parse.test.ts > imports whole and is sound"],
    ],
    ["2. External file reference:", "a heading"],
    [
      "Used in both Notify-CHW-upload-successful and Notify-CHW-upload-failed jobs.",
      ["lib/portability/parse.test.ts > takes the bodies that are paths from the files beside it"],
    ],
    [
      "The body is stored in separate files, referenced by the path key.",
      ["lib/portability/parse.test.ts > takes the bodies that are paths from the files beside it"],
    ],
    ["This allows for better organization of complex job logic.", "says what the document is for"],
    ["When using file paths:", "leads to those below"],
    [
      "• Paths are relative to the location of the project.yaml file.",
      ["lib/portability/parse.test.ts > takes the bodies that are paths from the files beside it"],
    ],
    [
      "• Ensure that the referenced files exist and contain valid job body code.",
      ["lib/domain/project/import.db.test.ts > refuses a broken file with every problem and its line"],
    ],
    [
      "• This method is particularly useful for complex jobs or when you want to reuse job bodies across different projects.",
      "says what the document is for",
    ],
    ["The project state", "a heading"],
    [
      "The project state is a representation of a particular project as on a specific Lightning instance.",
      [
        "lib/cli/story.system.test.ts > the project is ported to a second instance, where it has ids of its own",
      ],
    ],
    [
      "It is often saved as projectState.json and contains UUIDs for resources on a particular Lightning deployment.",
      [
        "lib/cli/config.test.ts > takes projectState.json for the state",
        "lib/cli/commands/deploy.test.ts > makes a new project, keeps its ids",
      ],
    ],
    [
      '"id": "8deff39d-8189-4bd7-9dc7-f9f08e7f2c60", "name": "openhie-project", "description": null, "inserted_at": "2023-08-25T08:57:31", "updated_at": "2023-08-25T08:57:31", "scheduled_deletion": null, "requires_mfa": false, "project_credentials": { "": { "id": "25f48989-d349-4eb8-99c3-923ebba5b116", "name": "HAPI FHIR", "owner": "" "workflows": { "OpenHIE-Workflow": { "id": "27ae2937-0959-48b8-a597-b1646aae8c14", "name": "OpenHIE Workflow", "jobs": { "Transform-data-to-FHIR-standard": { "id": "e44f65bb-5038-4e17-8d93-b63cbe95254a", "delete": true "Send-to-OpenHIM-to-route-to-SHR": { "id": "977b87ff-f347-42b5-832f-6ae2ca726f32", "name": "Send-to-OpenHIM-to-route-to-SHR", "adaptor": "@openfn/language-http@latest", "body": "fn(state => state);\\n", "enabled": true "Notify-CHW-upload-successful": { "id": "86b743a3-fd00-4629-b9fb-d5f38fb56d0b", "name": "Notify-CHW-upload-successful", "adaptor": "@openfn/language-http@latest", "body": "fn(state => state);\\n", "enabled": true "Notify-CHW-upload-failed": { "id": "be85df30-0abd-4f8e-be17-501f67e18b8d", "name": "Notify-CHW-upload-failed", "adaptor": "@openfn/language-http@latest", "body": "fn(state => state);\\n", "enabled": true "FHIR-standard-Data": { "id": "55016dda-42e3-4ee1-8a9c-24e3f23d42f1", "delete": true "FHIR-standard-Data-with-change": { "id": "28dd0846-a6ae-40c0-8ab4-3e0a6b487afe", "name": "FHIR-standard-Data-with-change", "adaptor": "@openfn/language-http@latest", "body": "fn(state => state);\\n", "enabled": true "triggers": { "webhook": { "id": "530cde0b-0de4-4f68-8834-0a4356a2fe53", "type": "webhook" "edges": { "webhook->Transform-data-to-FHIR-standard": { "id": "b2c7407b-0ae9-4ca5-9d6b-ee624976fa54", "delete": true "Transform-data-to-FHIR-standard->Send-to-OpenHIM-to-route-to-SHR": { "id": "d22ed6f4-26a2-4c85-b261-cc110a6851e6", "delete": true "Send-to-OpenHIM-to-route-to-SHR->Notify-CHW-upload-successful": { "id": "26c12f7f-7806-4008-87cd-6747998f95f4", "condition": "on_job_success", "source_job_id": "977b87ff-f347-42b5-832f-6ae2ca726f32", "source_trigger_id": null, "target_job_id": "86b743a3-fd00-4629-b9fb-d5f38fb56d0b" "Send-to-OpenHIM-to-route-to-SHR->Notify-CHW-upload-failed": { "id": "0630ac96-4f67-4de7-8c3d-0bf3f89f80d9", "condition": "on_job_failure", "source_job_id": "977b87ff-f347-42b5-832f-6ae2ca726f32", "source_trigger_id": null, "target_job_id": "be85df30-0abd-4f8e-be17-501f67e18b8d" "webhook->FHIR-standard-Data": { "id": "5ce3a8ed-b9eb-464a-a2cd-ba55adc393c2", "delete": true "FHIR-standard-Data->Send-to-OpenHIM-to-route-to-SHR": { "id": "5f459cd9-2882-4a61-a2cc-ec45e58d4837", "delete": true "webhook->FHIR-standard-Data-with-change": { "id": "75e7f7d8-274b-410d-9600-730bbd535229", "condition": "always", "source_job_id": null, "source_trigger_id": "530cde0b-0de4-4f68-8834-0a4356a2fe53", "target_job_id": "28dd0846-a6ae-40c0-8ab4-3e0a6b487afe" "FHIR-standard-Data-with-change->Send-to-OpenHIM-to-route-to-SHR": { "id": "1e5ba385-2c49-4241-8cd2-042c99a810ec", "condition": "on_job_success", "source_job_id": "28dd0846-a6ae-40c0-8ab4-3e0a6b487afe", "source_trigger_id": null, "target_job_id": "977b87ff-f347-42b5-832f-6ae2ca726f32"',
      ["lib/portability/formats/older.test.ts > is a project: "],
    ],
    ["Using the CLI interact with projects", "a heading"],
    [
      "The project spec and project state can be used for a variety of reasons, e.g. one could generate the state and spec as backups of the project or one could generate these files and use them for auditing and record keeping, etc.",
      ["lib/cli/commands/pull.test.ts > writes spec and state, after which there is nothing to deploy"],
    ],
    [
      "The OpenFn CLI comes with commands that can be used to pull project configurations down from a running Lightning server, and to deploy or push updates to existing projects on a Lightning server.",
      [
        "lib/testing/cli-http/replay.db.test.ts > nothing to deploy where nothing was changed",
        "lib/cli/story.system.test.ts > the project is pulled elsewhere, and there is nothing to deploy there",
      ],
    ],
    [
      "To learn more about automated version control via pull and deploy, head over to our Version Control docs.",
      "points at another document",
    ],
    ["Don't have the CLI yet?", "a heading"],
    ["Install it by running npm install -g @openfn/cli", "says how OpenFn's CLI is installed"],
    [
      "Before using the CLI, configure it either by passing in environment variables:",
      ["lib/cli/config.test.ts > options go before variables"],
    ],
    ["Or through a config.json file:", ["lib/cli/config.test.ts > reads a config with comments"]],
    [
      '// Required, can be overridden or set with `OPENFN_API_KEY` env var "apiKey": "***",',
      [
        "lib/cli/jsonc.test.ts > the config of OpenFn's documentation, comments and all",
        "lib/cli/config.test.ts > options go before variables",
      ],
    ],
    [
      '// Optional: can be set using the -p, defaults to project.yaml "specPath": "project.yaml",',
      ["lib/cli/config.test.ts > has the places of OpenFn's command line where nothing is said"],
    ],
    [
      '// Optional: can be set using -s, defaults to .state.json "statePath": ".state.json",',
      ["lib/cli/config.test.ts > has the places of OpenFn's command line where nothing is said"],
    ],
    [
      '// Optional: defaults to\'s API, can be overridden or set with // `OPENFN_ENDPOINT` env var "endpoint": ""',
      ["lib/cli/config.test.ts > options go before variables"],
    ],
    ["More details on the CLI can be found here.", "points at another document"],
    ["openfn pull to generate spec & state", "a heading"],
    [
      "To generate the spec and state files for an existing project, use:",
      ["lib/cli/commands/pull.test.ts > writes spec and state, after which there is nothing to deploy"],
    ],
    [
      "openfn pull {YOUR-PROJECT-UUID} -c ./config.json",
      [
        "lib/testing/cli-http/replay.db.test.ts > the change, and the job that is gone",
        "lib/cli/story.system.test.ts > the project is pulled elsewhere, and there is nothing to deploy there",
      ],
    ],
    [
      "This command will save (or overwrite) a project spec and state file based on the path you've set in your configuration.",
      [
        "lib/cli/commands/pull.test.ts > writes spec and state, after which there is nothing to deploy",
        "lib/cli/commands/pull.test.ts > takes over exactly what was changed on the server",
      ],
    ],
    ["openfn deploy to create new projects", "a heading"],
    [
      "To deploy a new project to a Lightning instance from a project spec (without a project state) file use:",
      ["lib/cli/story.system.test.ts > a new project is deployed"],
    ],
    ["openfn deploy -c config.json", ["lib/cli/story.system.test.ts > a new project is deployed"]],
    ["openfn deploy to update existing projects", "a heading"],
    [
      "With a valid project state defined in your config.json, the same openfn deploy command will beam up your changes as described by a difference between your project spec and what's found on the server.",
      ["lib/cli/story.system.test.ts > a changed body is shown, confirmed and deployed"],
    ],
    [
      "openfn deploy -c config.json Checking for existing project.",
      [
        "lib/cli/commands/deploy.test.ts > shows a changed body in the form of OpenFn's, asks",
        "lib/cli/story.system.test.ts > a changed body is shown, confirmed and deployed",
      ],
    ],
    [
      'Project found. [CLI] ♦ Changes: workflows: [ jobs: [ - body: "fn(state => {\\n console.log(\\"ok\\")\\n return state\\n});" + body: "fn(state => {\\n console.log(\\"some changes here!\\")\\n return state\\n});\\n"',
      ["lib/cli/story.system.test.ts > a changed body is shown, confirmed and deployed"],
    ],
    ["?", ["lib/cli/story.system.test.ts > a changed body is shown, confirmed and deployed"]],
    [
      "Deploy? yes [CLI] ♦ Deployed.",
      ["lib/cli/story.system.test.ts > a changed body is shown, confirmed and deployed"],
    ],
    ["Getting Help with the cli", "a heading"],
    [
      "The cli package comes with an inbuilt help.",
      ["lib/cli/help.test.ts > help has the layout of OpenFn's"],
    ],
    [
      "Adding --help to a command such as openfn deploy --help will result in a help message describing the command and the options available when using this command.",
      ["lib/cli/help.test.ts > help has the layout of OpenFn's"],
    ],
    ["See an example below", "leads to the one below"],
    ["openfn deploy --help openfn deploy", ["lib/cli/help.test.ts > help has the layout of OpenFn's"]],
    [
      "Deploy a project's config to a remote Lightning instance",
      ["lib/cli/help.test.ts > help has the layout of OpenFn's"],
    ],
    [
      "--version Show version number [boolean] --help Show help [boolean] -c, --config, --config-path The location of your config file [default: \"./.config.json\"] --no-confirm Skip confirmation prompts (e.g. 'Are you sure?') [boolean] --describe Downloads the project yaml from the specified instance [boolean] -l, --log Set the log level [string] --log-json Output all logs as JSON objects [boolean] -p, --project-path The location of your project.yaml file [string] -s, --state-path Path to the state file",
      ["lib/cli/help.test.ts > help has the layout of OpenFn's"],
    ],
    [
      "This section covers solutions to some errors you might come across when using OpenFn pull or deploy in your projects.",
      "says what the document is for",
    ],
    ["Extraneous Workflow ID", "a heading"],
    [
      "This error occurs when you run openfn deploy and there is a mismatch between between IDs of workflows in your projectSpec and your OpenFn instance.",
      [
        "lib/cli/story.system.test.ts > a state that does not belong is refused with what to do, and that helps",
      ],
    ],
    [
      "When this occurs, the error will be written out in an error object as shown below:",
      [
        "lib/cli/story.system.test.ts > a state that does not belong is refused with what to do, and that helps",
        "lib/testing/cli-http/replay.db.test.ts > seed 2's words for a key that is not the server's",
      ],
    ],
    [
      '[CLI] ✘ Failed to deploy project openfn-data-buffers-prototype: "errors": { "workflows": { "1-ingest-messages": { "base": [ "extraneous parameters: workflow_id" "2-calculate-indicators": { "base": [ "extraneous parameters: workflow_id"',
      [
        "lib/cli/story.system.test.ts > a state that does not belong is refused with what to do, and that helps",
      ],
    ],
    [
      "Run openfn pull to update your local instance and keep IDs in sync, incorporate your changes and run openfn deploy again.",
      [
        "lib/cli/story.system.test.ts > a state that does not belong is refused with what to do, and that helps",
      ],
    ],
    ["Other Versions", "navigation"],
  ],
  statuses: [
    ["Work Order & Run Status Codes", "a heading"],
    ["Work Order Status", "a heading"],
    ["A Work Order", "begins the sentence below"],
    [
      'is a request to start the execution of an OpenFn Workflow with a given input (e.g., "complete the referral workflow for patient 123").',
      ["lib/inbox/accept.db.test.ts > a POST is committed with work order, run and outbox row"],
    ],
    [
      "A Work Order is the typically the unit of business value for an organization, because users want to make sure each workflow request has been processed successfully.",
      ["lib/execution/execute-run.db.test.ts > an unmatched message is processed by hand with a chosen job"],
    ],
    [
      'Because administrators may want to run the same Work Order multiple times (e.g., "try to complete the referral workflow for patient 123 again now that the government case management system is back online") the "status" of a Work Order is determined by the status of the last Run for that Work Order.',
      [
        "lib/domain/run/again.db.test.ts > starts at its trigger, on its work order",
        "lib/execution/postgres/storage.db.test.ts > of one work order leave it in the state of the run that ended last",
      ],
    ],
    [
      'I.e., if the "complete the referral workflow for patient 123" Work Order has been run twice and the first run attempt failed but the second run succeeded, the "status" for that Work Order will be "success".',
      ["lib/testing/states.db.test.ts > is asked for again, and succeeds"],
    ],
    ["Run Status", "a heading"],
    [
      "Every Run has a status which indicates whether it completed successfully.",
      ["lib/workflow/states.test.ts > of a run are the final states, and are never left"],
    ],
    [
      "Status | Chip | Type | Abort Run?* | Description/Example | ---|---|---|---|---|",
      ["lib/workflow/status.test.ts > seed 3's table"],
    ],
    [
      "Pending | ⚪ | - | The run is waiting for an available worker to begin execution | |",
      [
        "lib/testing/statuses.system.test.ts > pending, running, success",
        "lib/workflow/status.test.ts > seed 3's table",
        "lib/testing/states.db.test.ts > the runner is away, then back",
      ],
    ],
    [
      "Running | 🔵 | - | The run is still in progress | |",
      [
        "lib/testing/statuses.system.test.ts > pending, running, success",
        "lib/workflow/status.test.ts > seed 3's table",
        "lib/execution/execute-run.db.test.ts > in progress until the first execution has finished",
      ],
    ],
    [
      "Success | 🟢 | - | Either all the steps in this run succeeded or every error was properly handled.",
      [
        "lib/testing/statuses.system.test.ts > success, when the error of a step was handled",
        "lib/workflow/status.test.ts > seed 3's table",
        "lib/workflow/result.test.ts > is success when the failure of a step was handled by a step that succeeded",
      ],
    ],
    [
      "Technically, a run is successful if the final step in each branch (the leaf node) succeeds | |",
      [
        "lib/workflow/result.test.ts > is failed when nothing followed the failure",
        "lib/workflow/result.test.ts > is that of the first failed leaf when branches differ",
      ],
    ],
    [
      "Failed | 🔴 | JobError | No | A request failed with status code 404 |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Failed | 🔴 | TypeError | No | Try to reference state.data.patient.age when state.data.patient is undefined |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Failed | 🔴 | RangeError | No | Calling state.patients[5] when only 2 patients exist |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Crashed | 🟠 | SyntaxError | Yes | You've got some bad JavaScript and the worker cannot compile your job code |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
        "lib/execution/execute-run.db.test.ts > a crash aborts the branches that wait",
      ],
    ],
    [
      "Crashed | 🟠 | ReferenceError | Yes | You've got an undeclared variable in your job code |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
        "lib/execution/execute-run.db.test.ts > a crash aborts the branches that wait",
      ],
    ],
    [
      "Cancelled | ⚪ | Yes | A user aborted the execution | |",
      [
        "lib/testing/statuses.system.test.ts > cancelled, by a person while it runs",
        "lib/execution/execute-run.db.test.ts > cancelled while it waits: never starts; cancelled between jobs: nothing follows",
      ],
    ],
    [
      "Killed | 🟡 | SecurityError | Yes | Your code failed security checks, e.g. tried to use eval |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Killed | 🟡 | ImportError | Yes | You tried to import external module that we don't allow |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Killed | 🟡 | OomError | Yes | Your run used more memory than allowed by the Lightning instance |",
      [
        "lib/testing/statuses.system.test.ts > every row of seed 3 is reached",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Killed | 🟡 | TimeoutError | Yes | Took longer than the maximum runtime allowed by the Lightning instance |",
      [
        "lib/testing/statuses.system.test.ts > killed, TimeoutError",
        "lib/workflow/recorded-results.test.ts > seed 3's jobs",
      ],
    ],
    [
      "Exception | ⚫ | Yes | An error occurred that we didn't expect (the instance superuser has been notified) | |",
      [
        "lib/testing/statuses.system.test.ts > exception, of a credential that is gone",
        "lib/execution/credential-load.db.test.ts > ends as CredentialLoadError",
      ],
    ],
    [
      "Lost | ⚫ | Yes | Lightning lost communication with the worker (the instance superuser has been notified) | |",
      [
        "lib/testing/statuses.system.test.ts > lost, when its runner is killed",
        "lib/execution/execute-run.db.test.ts > a job nobody knows any more is lost, is not run again, and ends the run",
      ],
    ],
    [
      "Rejected | ⚪ | - | The instance administrator won't process this run request because your project has reached its run limit |",
      [
        "lib/testing/statuses.system.test.ts > rejected, of a project that has used up its plan",
        "lib/queue/plan.db.test.ts > is released to its first run",
      ],
    ],
    ["*Note on error handling within a workflow", "a heading"],
    [
      "Note that if a workflow step fails (e.g., JobError , TypeError , RangeError ) the OpenFn worker will continue processing the workflow as there may be error handling rules in downstream edges.",
      [
        "lib/workflow/walk.test.ts > goes on after a failure",
        "lib/execution/execute-run.db.test.ts > a failure's catch job starts",
      ],
    ],
    [
      '(E.g., "If step 3 fails, execute step 4.") If a step fails with a crash (e.g., Syntax Error ) the worker won\'t be able to execute any downstream logic and the whole attempt will be aborted.',
      [
        "lib/execution/execute-run.db.test.ts > a crash aborts the branches that wait",
        "lib/execution/execute-run.db.test.ts > a failure's catch job starts",
      ],
    ],
  ],
};
