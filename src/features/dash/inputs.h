/* features/dash/inputs.h — labelled inputs of the dashboard's forms, with what was wrong with what was sent.
 * A form that is refused is drawn again with the values that came, so nothing is typed twice; secrets are
 * never written back (rule S4). Threads: as the caller. */
#pragma once
#include "features/dash/frame.h"

/* One input; `name` is its name in the form, and the field that an error names. */
typedef struct ks_dash_input {
    ks_str        name, label;
    ks_str        hint;   /* absent: none */
    ks_str        value;  /* what stands in it; of a secret one it is not used */
    const ks_err *wrong;  /* why the form was refused; NULL: it was not */
    unsigned      rows;   /* of a text area; 0: one line */
    bool          secret; /* typed unseen */
    bool          need;   /* must be filled in */
} ks_dash_input;

/* A text field. */
void ks_dash_input_put(ks_dash *d, const ks_dash_input *in);

/* A choice among `values`, which read as `words`. */
void ks_dash_input_choice(ks_dash *d, const ks_dash_input *in, const ks_str *values, const ks_str *words,
                          size_t n);

/* What an error says of the field `name`; absent when it does not name it. */
ks_str ks_dash_wrong_of(const ks_err *wrong, ks_str name);

/* The page is that of a refused form: its status, and why at its top. NULL: it is not. After ks_dash_begin.
 */
void ks_dash_wrong_put(ks_dash *d, const ks_err *wrong);

/* The same for the form whose failure is in cx->err: the fields below are marked from then on.  NO_MEMORY */
KS_MUST ks_status ks_dash_again(ks_dash *d);
/* Does that failure name this field? */
bool ks_dash_refused(const ks_dash *d, const char *name);
/* What it says of the field, as a paragraph of its own; nothing when it does not name it. */
void ks_dash_reason(ks_dash *d, const char *name);

/* A field of one line with its label, a hint ("": none) and what stands in it. */
void ks_dash_text_field(ks_dash *d, const char *name, const char *label, const char *hint, ks_str value);
/* What has to be typed before something that cannot be undone: "Type {what}, {value}, to go on", as `name`.
 */
void ks_dash_confirm(ks_dash *d, const char *what, ks_str value);
/* Was it typed? INVALID naming "name". */
KS_MUST ks_status ks_dash_confirmed(ks_ctx *cx, const ks_form *form, ks_str value);

/* A box to tick; its value is "on". */
void ks_dash_check_field(ks_dash *d, const char *name, const char *label, bool checked);
