"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { toast } from "@/components/ui/toast";
import { ApiError } from "./api";

type Options<Input, Output> = {
  /** Calls the API. */
  send: (input: Input) => Promise<Output>;
  /** Said when done. */
  message?: string | ((output: Output) => string);
  done?: (output: Output, input: Input) => void;
  /** The form shows what went wrong itself. Without it a toast does. */
  hasForm?: boolean;
  /** False: the page is rendered again when `refresh` is called. */
  isRefreshed?: boolean;
};

/** One change through the API: afterwards the server renders the page again. `problems` are its fields' sentences. */
export function useApi<Input, Output>({
  send,
  message,
  done,
  hasForm,
  isRefreshed = true,
}: Options<Input, Output>) {
  const router = useRouter();
  const mutation = useMutation({
    mutationFn: send,
    onSuccess: (output, input) => {
      if (message) toast.success(typeof message === "string" ? message : message(output));
      done?.(output, input);
      if (isRefreshed) router.refresh();
    },
    onError: (error) => {
      if (!hasForm) toast.error(error.message);
    },
  });
  const problems = mutation.error instanceof ApiError ? (mutation.error.details ?? {}) : {};
  return { ...mutation, problems, refresh: () => router.refresh() };
}
