/* A ledger as Daybook keeps it, written in plain C. */
#ifndef LEDGER_H
#define LEDGER_H

#include "events.h"

struct ledger;

/* Makes a ledger and its key beside it, `<path>.key`; stops the program if the file is there.
 * `most` is how many events a transaction has at most. */
struct ledger *make_ledger(const char *path, const char *schema_path, long most);

/* Appends events in one transaction: durable when this returns. */
void append_events(struct ledger *ledger, const struct event *events, long count);

/* Moves the log into the file and closes it. */
void close_ledger(struct ledger *ledger);

#endif
