/* base/status.c — the two look-ups of the status table. */
#include "base/status.h"

static const struct {
    int         http;
    const char *slug;
} table[] = {
#define X(name, http, slug) {http, slug},
    KS_STATUSES(X)
#undef X
};

int ks_status_http(ks_status s)
{
    return (size_t)s < KS_COUNT(table) ? table[s].http : 500;
}

const char *ks_status_slug(ks_status s)
{
    return (size_t)s < KS_COUNT(table) ? table[s].slug : "internal_error";
}
