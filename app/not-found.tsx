import { NoSuchPage } from "@/components/shell/no-such-page";

export default function NotFound() {
  return (
    <main className="px-5">
      <NoSuchPage />
    </main>
  );
}
