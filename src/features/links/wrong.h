/* features/links/wrong.h — what was wrong with a submission, in words for the person: a title, sentences, and
 * one sentence for each field that is to blame. The form shows it (page_form.c), connect.js gets it as JSON.
 * Never a value, never the vendor's own text (rule S5). Threads: as the caller. */
#pragma once
#include "features/links/page.h"

typedef struct ks_wrong_field {
    const ks_app_field *field;
    ks_str              text;  /* at the field */
    ks_str              entry; /* in the list that leads there */
} ks_wrong_field;

typedef struct ks_wrong {
    int            status;
    ks_str         code; /* of the failure, for events */
    ks_str         title;
    ks_str         cause, cause_en; /* of the vendor's refusal: in the page's language, or else in English */
    ks_str         text;            /* absent: the fields say it all */
    ks_str         look;            /* what the key looks like; absent: nothing is odd */
    ks_str         anyway; /* the button that uses the key all the same; absent: there is no such way */
    ks_wrong_field fields[KS_MAX_DETAILS];
    size_t         n;
} ks_wrong;

/* Put `why` into words. `posted`: what was sent, to look at the shape of the key; may be NULL. NO_MEMORY */
KS_MUST ks_status ks_wrong_tell(ks_ctx *cx, const ks_page_view *v, const ks_form *posted, const ks_err *why,
                                ks_wrong *out);

/* The same as the JSON that connect.js reads, with the status it has as a page. NO_MEMORY */
KS_MUST ks_status ks_wrong_answer(ks_ctx *cx, ks_res *rs, const ks_wrong *w);

/* The field whose key is of another kind than the one that is wanted, to judge by its whole shape:
 * publishable, or for another purpose. NULL: none, or memory is short (cx->starved). */
const ks_app_field *ks_wrong_kind(ks_ctx *cx, const ks_page_view *v, const ks_form *posted);

/* How a key of this field's app begins that opens nothing, or less: shapes of key_shapes.h, for warnings
 * before anything is sent. Absent when none is known. */
ks_str ks_wrong_shapes(ks_ctx *cx, const ks_page_view *v, const ks_app_field *f);
