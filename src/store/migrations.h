/* store/migrations.h — the schema's steps, embedded at build time by tools/embed.py from store/migrations. */
#pragma once

/* SQL text that leads from version n to n + 1, for n from 0. */
extern const char *const ks_sqlite_migrations[];

/* The newest version this program knows: the number of steps. */
extern const int ks_sqlite_schema;
