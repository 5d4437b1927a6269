/* features/import/site.h — addresses of servers as text: which may be the base of an app. Pure. Threads: any.
 */
#pragma once
#include "base/ctx.h"

#define KS_SITE_MAX 1024 /* bytes of a server's address */

/* A lower-case host name with a dot. */
bool ks_site_is_host(ks_str s);
/* The host part of "https://host[:port]/path", templates included; empty when there is none. */
ks_str ks_site_host(ks_str url);
/* Visible ASCII that an address may hold, of moderate length. */
bool ks_site_clean(ks_str s);
/* NULL when `url` without templates may be the base of an app, else why not, as a sentence. */
const char *ks_site_fault(ks_str url);
/* The host in small letters, as names of hosts are alike in any case; {variables} stay as they are. Absent
 * when memory is short. */
ks_str ks_site_small(ks_ctx *cx, ks_str url);
/* An https URL that a person may be sent to. */
bool ks_site_is_link(ks_str url);
/* Without '/' at the end. */
ks_str ks_site_cut(ks_str url);
/* Hosts that share all labels but the first, and at least two: api.acme.com and files.acme.com. */
bool ks_site_sisters(ks_str a, ks_str b);
