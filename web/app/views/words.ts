/** Words that several parts of the page use. */
import type { Verdict } from "../protocol";

export const verdictNames: Record<Verdict, string> = {
  ready: "Ready",
  warned: "With warnings",
  undecided: "Undecided",
  stopped: "Stopped",
  rejected: "Rejected",
};

/** Beside the color, for those who do not see it and for black-and-white prints. */
export const verdictSigns: Record<Verdict, string> = {
  ready: "✓",
  warned: "!",
  undecided: "?",
  stopped: "■",
  rejected: "✕",
};
