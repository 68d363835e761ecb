export { Providers as default } from "@/components/providers";
