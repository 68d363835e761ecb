CREATE TABLE "key_proofs" (
	"purpose" text NOT NULL,
	"fingerprint" text NOT NULL,
	"digest" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "key_proofs_purpose_fingerprint_pk" PRIMARY KEY("purpose","fingerprint"),
	CONSTRAINT "key_proofs_purpose_word" CHECK ("purpose" in ('secret', 'credential'))
);
