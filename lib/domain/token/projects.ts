/** The only projects that a stored token works in; null for all of its owner's. */
export const boundProjects = (row: {
  projectId: string | null;
  projectIds: string[] | null;
}): string[] | null => row.projectIds ?? (row.projectId ? [row.projectId] : null);
