import { GET as yaml } from "@/app/api/provision/yaml/route";

/** OpenFn's CLI asks here when its endpoint is `…/api/provision`, which is what it has by default. */
export const GET = yaml;
