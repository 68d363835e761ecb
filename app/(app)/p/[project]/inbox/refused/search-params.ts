import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { refusalCauses } from "@/lib/words";

export const refusedParams = { cause: parseAsStringLiteral(refusalCauses), cursor: parseAsString };

export const loadRefusedParams = createLoader(refusedParams);
