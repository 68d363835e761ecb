export const OneMoment = () => <p className="text-muted-foreground">One moment…</p>;
