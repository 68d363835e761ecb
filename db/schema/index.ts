export * from "./bulk";
export * from "./keys";
export * from "./messages";
export * from "./projects";
export * from "./runs";
export * from "./usage";
export * from "./users";
export * from "./workflows";
