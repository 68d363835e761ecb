/** A text in parts: every second one stood between backticks, and is code. */
export const codeParts = (text: string): string[] => text.split(/`([^`]+)`/);
