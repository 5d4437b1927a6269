/* tools/catalogc.h — between the two parts of the catalogue compiler. */
#pragma once
#include <stdio.h>

#include "features/apps/catalog_index.h"

/* Write n apps and their sorted indexes as one C file. Failures stick in `f` (ferror). `cx` lends memory for
 * names. */
void ks_catalogc_write(ks_ctx *cx, FILE *f, const ks_app *const *apps, size_t n, const ks_app_name *names,
                       size_t names_n, const ks_action_ref *refs, size_t refs_n);
